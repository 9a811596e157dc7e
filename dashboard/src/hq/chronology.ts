/** クロノロジー: a box to write into at once, a search, and the log, newest first. */
import { h } from "../dom.ts";
import type { Feature } from "../part.ts";
import { clock, fromInput, moment } from "../time.ts";
import { hasDraft, keepDraft } from "../draft.ts";
import { draftOf, drawForm, focusForm } from "./form.ts";
import { drawActions, type Extra } from "./item.ts";
import { ApiError } from "../api.ts";
import { wishId, type Act } from "./office.ts";
import { calmly, fill, type Room, type Tab } from "./tab.ts";

const COLLECTION = "response.chronology";
const WRITE = "response.write-entry";
const TASK = "response.give-task";
const SHOWN = 200;

export function chronologyTab(room: Room): Tab {
  const root = h("section", { class: "hq-tab", id: "hq-chronology" });
  const list = h("ol", { class: "entries" });
  const count = h("span", { class: "count", role: "status" });
  const { office } = room;
  let shown = SHOWN;
  let write: Act | undefined;

  const search = h("input", { type: "search", id: "hq-search" });
  const kind = h("select", { id: "hq-kind" });
  const state = h("select", { id: "hq-state" });
  const automatic = h("input", { type: "checkbox", id: "hq-automatic", checked: true });
  const since = h("input", { type: "datetime-local", id: "hq-since" });
  const until = h("input", { type: "datetime-local", id: "hq-until" });

  async function load(): Promise<void> {
    const say = room.say();
    await fill(list, say, async () => {
      const found = await office.api.items(COLLECTION, query());
      found.sort((a, b) => time(b) - time(a));
      count.textContent = say("count", { count: found.length });
      const texts = new Map(found.map((f) => [f.id, String(f.properties["text"])]));
      const rows = found.slice(0, shown).map((f) => row(f, texts));
      if (found.length > shown) {
        const more = () => {
          shown += SHOWN;
          void load();
        };
        rows.push(h("li", {}, h("button", { type: "button", class: "more", onclick: more }, say("more", { count: found.length - shown }))));
      }
      return rows;
    }, say(filtered() ? "no_match" : "none"));
  }

  function filtered(): boolean {
    return [search, kind, state, since, until].some((box) => box.value !== "");
  }

  function query(): Record<string, string> {
    const parts: string[] = [];
    const text = search.value.trim();
    for (const word of text.split(/[\s　]+/).filter(Boolean)) {
      const like = quoted(`%${word.replace(/[\\%_]/g, "\\$&")}%`);
      const names = ["text", "text_en", "from_whom", "to_whom", "place_name", "written_by"];
      parts.push(`(${names.map((name) => `${name} LIKE ${like}`).join(" OR ")})`);
    }
    if (kind.value) parts.push(`kind = ${quoted(kind.value)}`);
    if (state.value) parts.push(`state = ${quoted(state.value)}`);
    if (!automatic.checked) parts.push("automatic IS NULL");
    if (office.view.area) parts.push(`(area_code = ${quoted(office.view.area)} OR area_code IS NULL)`);
    const from = since.value && fromInput(since.value);
    const to = until.value && fromInput(until.value);
    return {
      ...(parts.length > 0 ? { filter: parts.join(" AND ") } : {}),
      ...(from || to ? { datetime: `${from || ".."}/${to || ".."}` } : {}),
    };
  }

  function row(item: Feature, texts: Map<string, string>): HTMLElement {
    const say = room.say();
    const p = item.properties;
    const now = office.view.asOf === null ? new Date() : new Date(office.view.asOf);
    const english = office.language === "en" && p["text_en"];
    const told = moment(p["start"]) ?? moment(p["known_at"]);
    const follows = typeof p["follows"] === "string" ? p["follows"] : "";
    const corrections = Number(p["corrections"] ?? 0);
    const facts = [
      p["from_whom"] ? say("from", { name: String(p["from_whom"]) }) : "",
      p["to_whom"] ? `→ ${String(p["to_whom"])}` : "",
      p["place_name"] ? `＠${String(p["place_name"])}` : "",
      p["automatic"] ? "" : say("by", { name: String(p["written_by"]) }),
      p["struck"] ? "" : corrections ? `${say("corrected", { count: corrections })} (${say("corrected_by", { name: String(p["corrected_by"]) })})` : "",
    ].filter(Boolean);
    return h(
      "li",
      { class: "entry", "data-key": item.id, "data-kind": String(p["kind"]), "data-state": String(p["state"]), "data-struck": p["struck"] ? "true" : undefined },
      h("time", { datetime: told?.toISOString() ?? "" }, told ? clock(told, now) : ""),
      h(
        "div",
        { class: "entry-body" },
        h("span", { class: "kind" }, word("kind", p["kind"])),
        p["state"] === "noted" ? null : h("span", { class: "state-chip", "data-state": String(p["state"]) }, word("state", p["state"])),
        p["struck"] ? h("span", { class: "state-chip" }, say("struck")) : null,
        p["struck"] ? h("s", { class: "text" }, String(p["text"])) : h("span", { class: "text" }, String(english || p["text"])),
        follows ? h("small", {}, `${say("followed")} ${(texts.get(follows) ?? "").slice(0, 40)}`) : null,
        h("small", { class: "facts" }, facts.join(" · "), p["correction"] ? ` — ${String(p["correction"])}` : ""),
        drawActions(office, say, COLLECTION, item, () => void load(), { extras: () => extras(item) }),
      ),
    );
  }

  async function extras(item: Feature): Promise<Extra[]> {
    const say = room.say();
    const [entry] = (await office.begins(COLLECTION)).filter(({ id }) => id === WRITE);
    const [task] = (await office.begins("response.tasks")).filter(({ id }) => id === TASK);
    const title = String(item.properties["text"]).slice(0, 80);
    return [
      ...(entry ? [{ title: say("follow"), act: entry, fixed: { follows: item.id } }] : []),
      ...(task ? [{ title: say("make_task"), act: task, fixed: { entry: item.id }, start: { title } }] : []),
    ];
  }

  /** What a coded value is called: the act that writes entries lists the words. */
  function word(name: string, value: unknown): string {
    if (value === "system") return office.language === "ja" ? "自動" : "auto";
    const choice = write?.inputs.find((i) => i.name === name)?.choices.find((c) => c.value === value);
    return choice?.label[office.language] ?? String(value ?? "");
  }

  async function draw(): Promise<void> {
    const say = room.say();
    const asOf = office.view.asOf;
    if (asOf === null) [write] = (await office.begins(COLLECTION)).filter(({ id }) => id === WRITE);
    const choices = (name: string) => write?.inputs.find((i) => i.name === name)?.choices ?? [];
    const options = (name: string, all: string) => [
      h("option", { value: "" }, all),
      ...choices(name).map((c) => h("option", { value: c.value }, c.label[office.language])),
    ];
    const [wasKind, wasState] = [kind.value, state.value];
    kind.replaceChildren(...options("kind", say("all_kinds")));
    state.replaceChildren(...options("state", say("all_states")));
    [kind.value, state.value] = [wasKind, wasState];
    search.placeholder = say("search");
    search.setAttribute("aria-label", say("search"));
    kind.setAttribute("aria-label", say("all_kinds"));
    state.setAttribute("aria-label", say("all_states"));
    list.setAttribute("aria-label", say("chronology"));
    root.replaceChildren(
      ...(office.writes && write ? [hasDraft(draftOf(office, { act: write })) ? wholeForm(write) : entryBox(write)] : []),
      h(
        "form",
        { class: "hq-search", role: "search", onsubmit: (event) => event.preventDefault() },
        search,
        kind,
        state,
        h("label", { for: automatic.id }, automatic, " ", say("automatic")),
        h(
          "details",
          { open: since.value !== "" || until.value !== "" },
          h("summary", {}, say("span")),
          h("label", { for: since.id }, say("since"), " ", since),
          h("label", { for: until.id }, say("until"), " ", until),
        ),
        count,
        h("a", { href: office.api.href(`collections/${COLLECTION}/items?f=csv&limit=10000`), download: "chronology.csv" }, say("csv")),
      ),
      list,
    );
    await load();
  }

  /** The box that one writes into at three in the morning: text, Enter, done. */
  function entryBox(act: Act): HTMLElement {
    const say = room.say();
    const text = h("textarea", { id: "hq-entry", rows: 2, "aria-label": say("what"), placeholder: say("what"), accesskey: "n" });
    const boxes = act.inputs.filter(({ name }) => name === "kind" || name === "state");
    const selects = boxes.map((input) => {
      const options = input.choices.map((c) => h("option", { value: c.value, selected: c.value === input.value }, c.label[office.language]));
      return h("select", { name: input.name, "aria-label": input.label[office.language] }, ...options);
    });
    const from = h("input", { name: "from_whom", "aria-label": act.inputs.find((i) => i.name === "from_whom")?.label[office.language] ?? "", placeholder: act.inputs.find((i) => i.name === "from_whom")?.label[office.language] ?? "" });
    const message = h("p", { class: "failed", role: "alert", hidden: true });
    let wish = wishId();
    let busy = false;
    const values = () => ({ text: text.value, from_whom: from.value, ...Object.fromEntries(selects.map((s) => [s.name, s.value])) });
    const send = async () => {
      if (busy || !text.value.trim()) return;
      busy = true;
      message.hidden = true;
      try {
        const area = office.view.area ? { area_code: office.view.area } : {};
        const sent = values();
        await office.do(act, { ...sent, ...area }, wish);
        forget();
        // What was typed while it was on its way is the next entry.
        text.value = text.value.startsWith(sent.text) ? text.value.slice(sent.text.length) : text.value;
        from.value = "";
        wish = wishId();
        office.api.announce(say("done", { title: act.title[office.language] }));
        void load();
      } catch (error) {
        if (error instanceof ApiError) wish = wishId();
        message.textContent = error instanceof ApiError ? error.message.replace(/^\d+ /, "") : say("lost");
        message.hidden = false;
      }
      busy = false;
      text.focus();
    };
    text.addEventListener("keydown", (event) => {
      // While a Japanese input method is composing, Enter is its own.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send();
    });
    const more = h("button", { type: "button", class: "plain" }, say("more_boxes"));
    const whole = h(
      "form",
      { class: "entry-box", "aria-label": act.title[office.language] },
      text,
      h("p", { class: "entry-tools" }, ...selects, from, h("button", { type: "submit", class: "do" }, say("write")), more),
      message,
    );
    const forget = keepDraft(whole, `${office.view.status}/entry`);
    whole.addEventListener("submit", (event) => {
      event.preventDefault();
      void send();
    });
    more.addEventListener("click", () => {
      const full = wholeForm(act, values(), forget);
      whole.replaceWith(full);
      focusForm(full);
    });
    return whole;
  }

  /** All boxes of an entry; what the quick box held goes along. */
  function wholeForm(act: Act, start: Record<string, string> = {}, sent: () => void = () => undefined): HTMLFormElement {
    const back = () => {
      full.replaceWith(entryBox(act));
      root.querySelector<HTMLElement>("#hq-entry")?.focus();
    };
    const done = () => {
      sent();
      back();
      void load();
    };
    const full = drawForm(office, room.say(), { act, start: { ...start, known_at: "now" }, done, cancel: back });
    return full;
  }

  const later = calmly(() => void load());
  for (const box of [search, kind, state, automatic, since, until]) {
    box.addEventListener("input", () => {
      shown = SHOWN;
      later();
    });
  }
  return { id: "chronology", root, collections: [COLLECTION], load, reset: draw };
}

function time(item: Feature): number {
  return (moment(item.properties["start"]) ?? moment(item.properties["said_at"]))?.getTime() ?? 0;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
