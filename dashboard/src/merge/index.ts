/** 突き合わせ: what sources say differently, for a person to settle. */
import { h } from "../dom.ts";
import { boxAround } from "../geo.ts";
import { drawForm, focusForm } from "../hq/form.ts";
import "../hq/hq.css";
import { givenLink } from "../hq/link.ts";
import { Office, type Act, type Values } from "../hq/office.ts";
import { drawSignIn } from "../hq/signin.ts";
import { calmly, fill } from "../hq/tab.ts";
import { speaker as office_words } from "../hq/words.ts";
import type { Api, Change, Feature, Line, Part, PartHandle, View } from "../part.ts";
import { clock, moment } from "../time.ts";
import "./merge.css";
import { PLACES, SETTLEMENTS, placeOf, type Disagreement, type Doubt, type Opinion } from "./places.ts";
import { drawStatement } from "./statements.ts";
import { fieldName, speaker, valueText, type Say } from "./words.ts";

const MOST = 200;
const ACTS = ["response.settle-value", "response.join-statements", "response.part-statements", "response.split-place", "response.withdraw-settlement"] as const;

class Merging implements PartHandle {
  private readonly office: Office;
  private readonly head = h("div", {});
  private readonly count = h("p", { class: "calm", role: "status" });
  private readonly list = h("ul", { class: "orders merge-open" });
  private readonly settled = h("ul", { class: "orders merge-settled" });
  private readonly body = h("div", {});
  private say: Say;
  private acts = new Map<string, Act>();
  private readonly reload = calmly(() => void this.load());

  constructor(root: HTMLElement, view: View, private readonly api: Api) {
    this.office = new Office(api, view);
    this.say = speaker(view.language);
    root.append(h("div", { class: "part-hq part-merge" }, this.head, this.body));
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      await this.office.who();
      this.acts = new Map((await this.office.every()).filter(({ id }) => ACTS.some((a) => a === id)).map((act) => [act.id, act]));
    } catch (error) {
      this.head.replaceChildren(h("p", { class: "failed", role: "alert" }, this.say("failed", { reason: (error as Error).message })));
      return;
    }
    this.draw();
    await this.load();
  }

  private draw(): void {
    const { say } = this;
    const past = this.office.view.asOf !== null;
    const lead = h("p", {}, say("lead"));
    if (past) this.head.replaceChildren(lead, h("p", { class: "calm" }, say("past")));
    else if (this.office.writes) this.head.replaceChildren(lead);
    else {
      const done = (): void => {
        window.dispatchEvent(new Event("hinomi-signed"));
        void this.start();
      };
      this.head.replaceChildren(lead, drawSignIn(this.office, office_words(this.office.language), givenLink(), done));
    }
    const fold = h("details", { class: "origins-fold" }, h("summary", {}, say("settled")), this.settled);
    this.list.replaceChildren();
    this.settled.replaceChildren();
    this.body.replaceChildren(this.count, this.list, fold);
  }

  private async load(): Promise<void> {
    const words = office_words(this.office.language);
    await fill(this.list, words, () => this.places(), this.say("none"));
    await fill(this.settled, words, () => this.settlements(), this.say("none_settled"));
  }

  private async places(): Promise<HTMLElement[]> {
    const { area } = this.office.view;
    const mine = area === null ? "" : ` AND municipality_code = '${area}'`;
    const query = new URLSearchParams({ f: "json", limit: String(MOST), count: "true", filter: `open > 0${mine}` });
    const found = (await this.api.get(`collections/${PLACES}/items?${query}`)) as { features: Feature[]; numberMatched?: number };
    const rows = found.features.toSorted((a, b) => newest(b) - newest(a));
    const all = found.numberMatched ?? rows.length;
    this.count.textContent = all > rows.length ? `${this.say("shown", { shown: rows.length, count: all })} ${area === null ? this.say("narrow") : ""}` : "";
    return rows.map((item) => this.row(item));
  }

  private row(item: Feature): HTMLElement {
    const { say } = this;
    const { language } = this.office;
    const place = placeOf(item);
    const form = h("div", { class: "merge-form" });
    const box = boxAround([item]);
    const statements = place.statements ?? [];
    return h(
      "li",
      { class: "order", "data-key": item.id },
      h(
        "div",
        { class: "order-head" },
        h("strong", {}, place.name || item.id),
        h("span", {}, place.municipality ?? ""),
        box && h("button", { type: "button", class: "plain", onclick: () => this.api.look(box) }, say("show")),
      ),
      ...(place.disagreements ?? []).map((d) => this.disagreement(item, d, form)),
      ...(place.doubts ?? []).map((d) => this.doubt(item, d, form)),
      form,
      h(
        "details",
        { class: "origins-fold" },
        h("summary", {}, say("statements", { count: statements.length })),
        h("ul", { class: "origins merge-statements" }, ...statements.map((s) => this.statement(item, s, statements.length, form, language))),
      ),
    );
  }

  private statement(item: Feature, statement: Parameters<typeof drawStatement>[0], count: number, form: HTMLElement, language: View["language"]): HTMLElement {
    const row = drawStatement(statement, language, this.say, new Date());
    if (count > 1) row.append(" ", ...this.button("response.split-place", this.say("take_out"), item, { statement: statement.ref }, form));
    return row;
  }

  private disagreement(item: Feature, found: Disagreement, form: HTMLElement): HTMLElement {
    const { say } = this;
    const { language } = this.office;
    const field = fieldName(found.field, language);
    const shown = JSON.stringify(found.shown);
    const rows = byValue(found.values, shown).map(([value, opinions]) => {
      const best = opinions.toSorted((a, b) => Date.parse(b.said_at) - Date.parse(a.said_at))[0]!;
      const at = moment(best.said_at);
      const words = `${field}: ${valueText(value, language)}`;
      const fixed = { field: found.field, statement: best.ref, value: "" };
      return h(
        "tr",
        { "data-shown": String(JSON.stringify(value) === shown) },
        h("td", {}, h("b", {}, valueText(value, language)), JSON.stringify(value) === shown ? h("small", {}, ` ${say("now_shown")}`) : ""),
        h("th", { scope: "row" }, [...new Set(opinions.map(({ source }) => source))].join(", "), " ", h("small", {}, at ? clock(at, new Date()) : "")),
        h("td", {}, ...this.button("response.settle-value", say("right"), item, fixed, form, words)),
      );
    });
    const typed = typeof found.shown === "object" ? [] : this.button("response.settle-value", say("other_value"), item, { field: found.field, statement: "" }, form, field);
    return h("div", { class: "merge-case" }, h("table", {}, h("caption", {}, say("disagree", { field })), h("tbody", {}, ...rows)), ...typed);
  }

  private doubt(item: Feature, found: Doubt, form: HTMLElement): HTMLElement {
    const { say } = this;
    const probability = new Intl.NumberFormat(this.office.language, { style: "percent", maximumFractionDigits: 0 }).format(found.probability);
    const facts = [say("likely", { probability }), found.distance_m === undefined ? "" : say("away", { metres: Math.round(found.distance_m) })];
    return h(
      "div",
      { class: "merge-case" },
      h("p", {}, h("small", {}, say("maybe")), " ", h("b", {}, found.other_name), ` (${found.other_source}) `, h("small", { title: found.evidence ?? "" }, facts.filter(Boolean).join(" · "))),
      h("p", {}, ...this.button("response.join-statements", say("same"), item, { other: found.other }, form, found.other_name), " ", ...this.button("response.part-statements", say("different"), item, { other: found.other }, form, found.other_name)),
    );
  }

  /** A button that opens the act's form with what it is about filled in; none for who may not. */
  private button(id: string, title: string, item: Feature, fixed: Values, form: HTMLElement, about = ""): HTMLElement[] {
    const act = this.acts.get(id);
    if (!act || !this.office.writes) return [];
    const close = (): void => form.replaceChildren();
    const done = (): void => {
      close();
      void this.load();
    };
    const open = (): void => {
      const record = String(item.properties["record"]);
      const drawn = drawForm(this.office, office_words(this.office.language), { act, on: { key: item.id, record }, fixed, done, cancel: close });
      form.replaceChildren(h("p", {}, h("strong", {}, about)), drawn);
      focusForm(drawn);
    };
    return [h("button", { type: "button", class: "plain", onclick: open }, title)];
  }

  private async settlements(): Promise<HTMLElement[]> {
    const { say } = this;
    const { language } = this.office;
    const found = await this.api.items(SETTLEMENTS, { "skip-geometry": "true" });
    return found.toSorted((a, b) => newest(b) - newest(a)).slice(0, MOST).map((item) => {
      const p = item.properties;
      const at = moment(p["decided_at"]);
      const refs = Array.isArray(p["refs"]) ? (p["refs"] as string[]) : [];
      const what =
        p["decision"] === "value"
          ? say("value", { field: fieldName(String(p["field"]), language), value: valueText(p["value"], language) })
          : say(p["decision"] === "same" ? "same" : "different");
      const form = h("div", { class: "merge-form" });
      const open = p["state"] === "in_force";
      return h(
        "li",
        { class: "order", "data-key": item.id, "data-state": String(p["state"]) },
        h("div", { class: "order-head" }, h("strong", {}, what), h("time", {}, at ? clock(at, new Date()) : "")),
        h("small", { class: "facts" }, refs.map((ref) => ref.split("/").slice(2).join("/")).join(" · ")),
        h("div", {}, `${String(p["why"])} (${[p["organisation"], p["decided_by"]].filter(Boolean).join(" ")})`),
        ...(open ? this.button("response.withdraw-settlement", this.acts.get("response.withdraw-settlement")?.title[language] ?? "", item, {}, form) : [h("small", {}, `${say("withdrawn")}: ${String(p["withdrawn_why"] ?? "")}`)]),
        form,
      );
    });
  }

  onView(view: View): void {
    this.office.view = view;
    this.say = speaker(view.language);
    void this.start();
  }

  onChange(change: Change): void {
    if (change.collection === PLACES || change.collection === SETTLEMENTS) this.reload();
  }

  onLine(line: Line): void {
    // What changed while the line was away was not told.
    if (line === "live") this.reload();
  }

  unmount(): void {}
}

/** Opinions that say the same in one line; what is shown now comes first. */
function byValue(opinions: Opinion[], shown: string): [unknown, Opinion[]][] {
  const found = new Map<string, Opinion[]>();
  for (const one of opinions) {
    const key = JSON.stringify(one.value);
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found].toSorted(([a], [b]) => Number(b === shown) - Number(a === shown)).map(([, same]) => [same[0]!.value, same]);
}

function newest(item: Feature): number {
  return moment(item.properties["said_at"])?.getTime() ?? 0;
}

const part: Part = {
  id: "merge",
  title: { ja: "突き合わせ", en: "Merging" },
  mount: (root, view, api) => new Merging(root, view, api),
};
export default part;
