/** 避難計画: which shelters open when, how they fill, staff and goods; edited and confirmed by people. */
import { h } from "../dom.ts";
import { boxAround } from "../geo.ts";
import { drawForm, focusForm } from "../hq/form.ts";
import "../hq/hq.css";
import { drawActions } from "../hq/item.ts";
import { givenLink } from "../hq/link.ts";
import { Office, type Act } from "../hq/office.ts";
import { drawSignIn } from "../hq/signin.ts";
import { calmly, fill } from "../hq/tab.ts";
import { speaker as office_words } from "../hq/words.ts";
import type { Api, Change, Feature, Line, Part, PartHandle, View } from "../part.ts";
import "./evacuation.css";
import { CASES, PLANS, SHELTERS, inOrder, planOf, shelterOf, type Plan } from "./plans.ts";
import { at, drawHours, drawNeeds } from "./shelter.ts";
import { speaker, type Say } from "./words.ts";

class Evacuation implements PartHandle {
  private readonly office: Office;
  private readonly head = h("div", {});
  private readonly begin = h("div", {});
  private readonly list = h("ul", { class: "orders evac-plans" });
  private say: Say;
  private readonly reload = calmly(() => void this.load());

  constructor(root: HTMLElement, view: View, private readonly api: Api) {
    this.office = new Office(api, view);
    this.say = speaker(view.language);
    root.append(h("div", { class: "part-hq part-evac" }, this.head, this.begin, this.list));
    void this.start();
  }

  private async start(): Promise<void> {
    const { say } = this;
    this.begin.replaceChildren();
    try {
      await this.office.who();
      const lead = h("p", {}, say("lead"));
      if (this.office.view.asOf !== null) this.head.replaceChildren(lead, h("p", { class: "calm" }, say("past")));
      else if (this.office.writes) {
        this.head.replaceChildren(lead);
        this.begin.replaceChildren(...(await this.office.begins(CASES)).filter(({ possible }) => possible).map((act) => this.beginning(act)));
      } else {
        const done = (): void => {
          window.dispatchEvent(new Event("hinomi-signed"));
          void this.start();
        };
        this.head.replaceChildren(lead, drawSignIn(this.office, office_words(this.office.language), givenLink(), done));
      }
    } catch (error) {
      this.head.replaceChildren(h("p", { class: "failed", role: "alert" }, say("failed", { reason: (error as Error).message })));
      return;
    }
    this.list.replaceChildren();
    await this.load();
  }

  private beginning(act: Act): HTMLElement {
    const form = h("div", {});
    const close = (): void => form.replaceChildren();
    const done = (): void => {
      close();
      this.reload();
    };
    const open = (): void => {
      const drawn = drawForm(this.office, office_words(this.office.language), { act, done, cancel: close });
      form.replaceChildren(drawn);
      focusForm(drawn);
    };
    return h("div", {}, h("button", { type: "button", class: "do", onclick: open }, act.title[this.office.language]), form);
  }

  private async load(): Promise<void> {
    await fill(this.list, office_words(this.office.language), () => this.plans(), this.say("none"));
  }

  private async plans(): Promise<HTMLElement[]> {
    const [plans, shelters, cases] = await Promise.all([PLANS, SHELTERS, CASES].map((name) => this.api.items(name)));
    const mine = this.office.view.area;
    return (plans ?? [])
      .filter(({ properties: p }) => mine === null || p["municipality_code"] === mine)
      .map((item) => {
        const own = (shelters ?? []).filter((s) => shelterOf(s).case === item.id).toSorted(inOrder);
        return this.plan(item, own, (cases ?? []).find(({ id }) => id === item.id));
      });
  }

  private plan(item: Feature, shelters: Feature[], asked: Feature | undefined): HTMLElement {
    const { say } = this;
    const { language } = this.office;
    const plan = planOf(item);
    const words = office_words(language);
    const open = shelters.filter((s) => shelterOf(s).use === "open");
    const rest = shelters.filter((s) => shelterOf(s).use !== "open");
    const box = boxAround(open);
    const ja = language === "ja";
    const changed = (): void => this.reload();
    return h(
      "li",
      { class: "order", "data-key": item.id, "data-state": plan.state },
      h("div", { class: "order-head" }, h("strong", {}, plan.title), h("span", {}, say("from", { when: at(plan.starts_at), hours: plan.hours })), box && h("button", { type: "button", class: "plain", onclick: () => this.api.look(box) }, say("show"))),
      h("p", {}, h("span", { class: "evac-state", "data-state": plan.state }, say(plan.state, { who: plan.confirmed_by ?? "", when: at(plan.confirmed_at) }))),
      this.figures(plan),
      lines("evac-changes", say("changes"), (ja ? plan.changes : plan.changes_en) ?? []),
      lines("evac-notes", say("notes"), (ja ? plan.notes : plan.notes_en) ?? []),
      drawActions(this.office, words, PLANS, item, changed, { title: say("plan_acts") }),
      asked ? drawActions(this.office, words, CASES, asked, changed, { title: say("case_acts") }) : null,
      h("ul", { class: "evac-shelters" }, ...open.map((s) => this.shelter(s))),
      rest.length > 0 && h("details", { class: "origins-fold" }, h("summary", {}, say("others", { count: rest.length })), h("ul", { class: "evac-shelters" }, ...rest.map((s) => this.shelter(s)))),
      h("details", { class: "origins-fold" }, h("summary", {}, say("about")), ...[ja ? plan.uncertainty : plan.uncertainty_en, ja ? plan.limits : plan.limits_en, plan.parameters, plan.based_on].map((text) => h("p", {}, text))),
    );
  }

  private figures(plan: Plan): HTMLElement {
    const { say } = this;
    const number = (value: number): string => new Intl.NumberFormat(this.office.language).format(value);
    return h(
      "div",
      { class: "evac-figures" },
      h("b", {}, say("expected", { people: number(plan.people), low: number(plan.people_low), high: number(plan.people_high) })),
      h("span", {}, say("planned", { count: number(plan.planned) })),
      h("span", {}, say("shelters", { count: plan.open_shelters })),
      h("span", {}, say("staff", { count: plan.staff_most })),
      h("span", {}, say("car", { count: number(plan.by_car) })),
      plan.minutes !== undefined && h("span", {}, say("walk", { minutes: plan.minutes })),
      plan.unplaced > 0 && h("span", { class: "evac-alarm", role: "alert" }, say("unplaced", { count: number(plan.unplaced) })),
    );
  }

  private shelter(item: Feature): HTMLElement {
    const { say } = this;
    const { language } = this.office;
    const shelter = shelterOf(item);
    const why = language === "ja" ? shelter.why : shelter.why_en;
    const facts = [
      shelter.opens_at && say("opens", { when: at(shelter.opens_at) }),
      shelter.prepare_at && say("prepare", { when: at(shelter.prepare_at) }),
      shelter.full_at && say("full", { when: at(shelter.full_at) }),
      shelter.needs_time && say("needs", { count: shelter.needs_time }),
    ].filter(Boolean);
    return h(
      "li",
      { "data-shelter": shelter.shelter, "data-use": shelter.use },
      h("div", { class: "order-head" }, h("strong", {}, shelter.name), h("span", {}, shelter.use === "open" ? say("fill", { people: shelter.people ?? 0, capacity: shelter.capacity ?? "–" }) : (why ?? say("reserve")))),
      facts.length > 0 && h("small", { class: "facts" }, facts.join(" · ")),
      drawHours(shelter, say),
      shelter.use === "open" && why ? h("p", {}, why) : null,
      lines("evac-edits", say("settled"), shelter.edits ?? []),
      drawNeeds(shelter, say, language),
      drawActions(this.office, office_words(language), SHELTERS, item, () => this.reload(), { title: say("shelter_acts") }),
    );
  }

  onView(view: View): void {
    this.office.view = view;
    this.say = speaker(view.language);
    void this.start();
  }

  onChange(change: Change): void {
    if ([PLANS, SHELTERS, CASES].includes(change.collection)) this.reload();
  }

  onLine(line: Line): void {
    // What changed while the line was away was not told.
    if (line === "live") this.reload();
  }

  unmount(): void {}
}

/** A short list under a name; nothing where it is empty. */
function lines(name: string, title: string, texts: string[]): HTMLElement | null {
  return texts.length === 0 ? null : h("div", { class: name }, h("small", {}, title), h("ul", {}, ...texts.map((text) => h("li", {}, text))));
}

const part: Part = {
  id: "evacuation",
  title: { ja: "避難計画", en: "Evacuation" },
  mount: (root, view, api) => new Evacuation(root, view, api),
};
export default part;
