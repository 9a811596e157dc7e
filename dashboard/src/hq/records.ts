/** 記録・報告: every other collection that people act on, and what can be made of the records. */
import { fetchJson } from "../api.ts";
import { h } from "../dom.ts";
import type { Feature } from "../part.ts";
import { clock, moment } from "../time.ts";
import { drawForm, focusForm } from "./form.ts";
import { drawActions } from "./item.ts";
import type { Act, Input } from "./office.ts";
import { drawDamageEntry, drawReports } from "./reports.ts";
import { fill, type Room, type Tab } from "./tab.ts";

const ELSEWHERE = new Set(["response.chronology", "response.evacuation_orders", "response.order_drafts", "response.tasks", "response.alerts"]);

export function recordsTab(room: Room): Tab {
  const { office } = room;
  const root = h("section", { class: "hq-tab", id: "hq-records" });
  const choice = h("select", { id: "hq-collection" });
  const form = h("div", { class: "new-record" });
  const list = h("ul", { class: "orders" });
  const made = h("ul", { class: "products" });
  let acts: Act[] = [];
  let titles = new Map<string, string>();
  const tab: Tab = { id: "records", root, collections: [], load, reset: draw };
  choice.addEventListener("input", () => void pick());

  async function load(): Promise<void> {
    const collection = choice.value;
    if (!collection) return;
    const say = room.say();
    await fill(list, say, async () => {
      const found = await office.api.items(collection, { "skip-geometry": "true" });
      found.sort((a, b) => Date.parse(String(b.properties["said_at"])) - Date.parse(String(a.properties["said_at"])));
      return found.slice(0, 500).map((item) => row(item, collection));
    }, say("none"));
  }

  /** An item by the boxes that it was filled in with. */
  function row(item: Feature, collection: string): HTMLElement {
    const p = item.properties;
    const boxes = new Map<string, Input>();
    for (const act of acts.filter((a) => a.collection === collection)) for (const input of act.inputs) boxes.set(input.name, input);
    const facts = [...boxes.values()]
      .filter(({ name, kind }) => kind !== "place" && p[name] !== undefined && p[name] !== null && p[name] !== "")
      .map((input) => `${input.label[office.language]}: ${shown(input, p[input.name])}`);
    if (p["municipality"]) facts.unshift(String(p["municipality"]));
    const said = moment(p["said_at"]);
    return h(
      "li",
      { class: "order", "data-key": item.id },
      h("div", { class: "order-head" }, h("strong", {}, facts.slice(0, 2).join(" · ")), h("time", {}, said ? clock(said, new Date()) : "")),
      h("small", { class: "facts" }, facts.slice(2).join(" · ")),
      drawActions(office, room.say(), collection, item, () => void load()),
    );
  }

  function shown(input: Input, value: unknown): string {
    if (Array.isArray(value)) return value.map((v) => shown(input, v)).join("、");
    if (input.kind === "time") return clock(moment(value) ?? new Date(Number.NaN), new Date());
    if (input.kind === "flag") return value === true ? "○" : "×";
    return input.choices.find((c) => c.value === value)?.label[office.language] ?? String(value);
  }

  async function pick(): Promise<void> {
    tab.collections = [choice.value];
    list.replaceChildren();
    const begins = office.writes ? acts.filter((a) => a.new && a.collection === choice.value) : [];
    form.replaceChildren(...begins.map(opener));
    await load();
  }

  function opener(act: Act): HTMLElement {
    const open = h("button", { type: "button", class: "do", disabled: !act.possible, title: act.why?.[office.language] }, act.title[office.language]);
    open.addEventListener("click", () => {
      const back = () => void pick().then(() => form.querySelector("button")?.focus());
      const options = { act, done: back, cancel: back };
      const damage = act.collection === "response.damage";
      const drawn = damage ? drawDamageEntry(office, room.say(), options) : drawForm(office, room.say(), options);
      form.replaceChildren(drawn);
      focusForm(drawn);
    });
    return open;
  }

  async function draw(): Promise<void> {
    const say = room.say();
    const language = office.language;
    acts = (await office.every()).filter((act) => !ELSEWHERE.has(act.collection));
    const known = (await fetchJson(`collections?f=json&lang=${language}`)) as { collections: { id: string; title: string }[] };
    titles = new Map(known.collections.map((c) => [c.id, c.title]));
    const was = choice.value;
    const names = [...new Set(acts.map((act) => act.collection))];
    choice.replaceChildren(...names.map((name) => h("option", { value: name, selected: name === was }, titles.get(name) ?? name)));
    choice.setAttribute("aria-label", say("records"));
    const { products } = (await fetchJson(`products?lang=${language}`)) as { products: { id: string; title: string }[] };
    made.replaceChildren(
      ...products.filter((p) => p.id.endsWith(".csv")).map((p) => h("li", {}, h("a", { href: office.api.href(`products/${encodeURIComponent(p.id)}?lang=${language}`), download: p.id }, p.title))),
    );
    root.replaceChildren(...(names.length > 0 ? [choice, form, list] : []), drawReports(office), made);
    await pick();
  }

  return tab;
}
