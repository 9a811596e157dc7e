/** 避難情報: what is in force, what waits to be confirmed or published, and drafting. */
import { fetchJson } from "../api.ts";
import { chip, h } from "../dom.ts";
import type { Feature, Text } from "../part.ts";
import { clock, moment } from "../time.ts";
import { drawForm, focusForm } from "./form.ts";
import { drawActions } from "./item.ts";
import type { Act } from "./office.ts";
import { fill, type Room, type Tab } from "./tab.ts";

const ORDERS = "response.evacuation_orders";
const DRAFTS = "response.order_drafts";

interface Style {
  collection: string;
  classes: { value: unknown; colour: string; ink: string; pattern: string; label: Text; short: Text | null }[];
}

export function ordersTab(room: Room): Tab {
  const { office } = room;
  const root = h("section", { class: "hq-tab", id: "hq-orders" });
  const orders = h("ul", { class: "orders" });
  const drafts = h("ul", { class: "orders drafts" });
  const form = h("div", { class: "new-order" });
  let styles: Style[] = [];

  async function load(): Promise<void> {
    const say = room.say();
    const changed = () => void load();
    await Promise.all([
      fill(orders, say, async () => {
        const found = await office.api.items(ORDERS, { filter: narrowed("state = 'in_force'") });
        found.sort((a, b) => Number(b.properties["level"]) - Number(a.properties["level"]));
        return found.map((item) => row(item, ORDERS, changed));
      }, say("no_orders")),
      fill(drafts, say, async () => {
        const found = await office.api.items(DRAFTS, { filter: narrowed("state IN ('draft','confirmed')") });
        return found.map((item) => row(item, DRAFTS, changed));
      }, say("no_drafts")),
    ]);
  }

  function narrowed(filter: string): string {
    return office.view.area ? `${filter} AND municipality_code = '${office.view.area}'` : filter;
  }

  function row(item: Feature, collection: string, changed: () => void): HTMLElement {
    const say = room.say();
    const p = item.properties;
    const language = office.language;
    const now = office.view.asOf === null ? new Date() : new Date(office.view.asOf);
    const at = (name: string) => moment(p[name]);
    const time = at("since") ?? at("drafted_at");
    const facts = [
      p["reason_text"] ?? "",
      p["people"] ? say("people", { count: Number(p["people"]).toLocaleString(language) }) : "",
      at("review_at") ? say("review", { time: clock(at("review_at") as Date, now) }) : "",
      p["drafted_by"] ? say("drafted_by", { name: String(p["drafted_by"]) }) : "",
      p["confirmed_by"] ? say("confirmed_by", { name: String(p["confirmed_by"]) }) : "",
      p["legal_basis"] ?? "",
      p["comment"] ? `— ${String(p["comment"])}` : "",
    ].filter(Boolean);
    return h(
      "li",
      { class: "order", "data-key": item.id, "data-state": String(p["state"]) },
      h(
        "div",
        { class: "order-head" },
        sign(collection, p),
        h("strong", {}, String(p[language === "ja" ? "where" : "where_en"])),
        h("time", { datetime: time?.toISOString() ?? "" }, time ? clock(time, now) : ""),
      ),
      collection === DRAFTS ? h("div", {}, drafted(p)) : null,
      p["message"] ? h("div", {}, String(p["message"])) : null,
      h("small", { class: "facts" }, facts.join(" · ")),
      drawActions(office, say, collection, item, changed),
    );
  }

  /** The sign that the layer of this collection gives to the item. */
  function sign(collection: string, p: Record<string, unknown>): HTMLElement | null {
    const value = collection === ORDERS ? p["level"] : p["state"];
    const found = styles.find((s) => s.collection === collection)?.classes.find((c) => c.value === value);
    return found ? chip(found.colour, found.ink, found.pattern, (found.short ?? found.label)[office.language]) : null;
  }

  function drafted(p: Record<string, unknown>): string {
    const name = String(p[office.language === "ja" ? "name" : "name_en"]);
    const actions: Record<string, Text> = {
      issue: { ja: "発令", en: "issue" },
      raise: { ja: "へ引き上げ", en: "raise to" },
      lower: { ja: "へ引き下げ", en: "lower to" },
      extend: { ja: "の継続・延長", en: "extend" },
      lift: { ja: "の解除", en: "lift" },
    };
    const action = actions[String(p["action"])]?.[office.language] ?? String(p["action"]);
    return office.language === "ja" ? `${name}${p["action"] === "issue" ? "の" : ""}${action}` : `${action}: ${name}`;
  }

  async function draw(): Promise<void> {
    const say = room.say();
    orders.setAttribute("aria-label", say("in_force"));
    drafts.setAttribute("aria-label", say("drafts"));
    if (styles.length === 0) styles = (await fetchStyles()).filter((s) => s.collection === ORDERS || s.collection === DRAFTS);
    const signed = office.me?.name !== null && office.me !== null;
    form.replaceChildren(...(office.writes ? await buttons() : []));
    root.replaceChildren(
      form,
      h("h3", {}, say("in_force")),
      orders,
      ...(signed ? [h("h3", {}, say("drafts")), drafts] : []),
    );
    await load();
  }

  async function buttons(): Promise<HTMLElement[]> {
    const acts = await office.begins(DRAFTS);
    return acts.map((act: Act) => {
      const open = h("button", { type: "button", class: "do", disabled: !act.possible, title: act.why?.[office.language] }, act.title[office.language]);
      open.addEventListener("click", () => {
        const back = () => {
          void buttons().then((found) => form.replaceChildren(...found)).then(() => form.querySelector("button")?.focus());
        };
        const done = () => {
          back();
          void load();
        };
        const drawn = drawForm(office, room.say(), { act, done, cancel: back });
        form.replaceChildren(drawn);
        focusForm(drawn);
      });
      return open;
    });
  }

  return { id: "orders", root, collections: [ORDERS, DRAFTS], load, reset: draw };
}

async function fetchStyles(): Promise<Style[]> {
  return ((await fetchJson("layers?f=json")) as { layers: Style[] }).layers;
}
