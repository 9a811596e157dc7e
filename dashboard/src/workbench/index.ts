/** シナリオ作業台: cases, runs under changes, and comparisons that a link opens again. */
import { h } from "../dom.ts";
import "../hq/hq.css";
import { drawActions } from "../hq/item.ts";
import { givenLink } from "../hq/link.ts";
import { Office } from "../hq/office.ts";
import { drawSignIn } from "../hq/signin.ts";
import { calmly, fill } from "../hq/tab.ts";
import { speaker as office_words } from "../hq/words.ts";
import type { Api, BBox, Change, Feature, Line, Part, PartHandle, View } from "../part.ts";
import { clock } from "../time.ts";
import { Comparison } from "./comparison.ts";
import { CASES, MOST, RUNS, changed, linkedRuns, runOf, withRuns, type Run } from "./runs.ts";
import { bullet } from "./tables.ts";
import { speaker, type Say } from "./words.ts";
import "./workbench.css";

class Workbench implements PartHandle {
  private readonly office: Office;
  private readonly head = h("div", {});
  private readonly cases = h("ul", { class: "orders wb-cases" });
  private readonly runs = h("ul", { class: "orders wb-runs" });
  private readonly titles = { cases: h("h3", {}), runs: h("h3", {}) };
  private readonly comparison: Comparison;
  private chosen = linkedRuns(location.hash);
  private say: Say;
  private readonly reload = calmly(() => void this.load());

  constructor(root: HTMLElement, view: View, private readonly api: Api) {
    this.office = new Office(api, view);
    this.say = speaker(view.language);
    this.comparison = new Comparison(api, this.say, view.language);
    root.append(h("div", { class: "part-hq part-wb" }, this.head, this.comparison.root, this.titles.runs, this.runs, this.titles.cases, this.cases));
    addEventListener("hashchange", this.onHash);
    void this.start();
  }

  private readonly onHash = (): void => {
    const found = linkedRuns(location.hash);
    if (found.join() === this.chosen.join()) return;
    this.chosen = found;
    this.reload();
  };

  private async start(): Promise<void> {
    const { say } = this;
    const lead = h("p", {}, say("lead"));
    this.titles.cases.textContent = say("cases");
    this.titles.runs.textContent = say("runs");
    try {
      await this.office.who();
    } catch (error) {
      this.head.replaceChildren(h("p", { class: "failed", role: "alert" }, say("failed", { reason: (error as Error).message })));
      return;
    }
    if (this.office.view.asOf !== null) this.head.replaceChildren(lead, h("p", { class: "calm" }, say("past")));
    else if (this.office.writes) this.head.replaceChildren(lead);
    else {
      const done = (): void => {
        window.dispatchEvent(new Event("hinomi-signed"));
        void this.start();
      };
      this.head.replaceChildren(lead, h("p", { class: "calm" }, say("sign_in_runs")), drawSignIn(this.office, office_words(this.office.language), givenLink(), done));
    }
    this.cases.replaceChildren();
    this.runs.replaceChildren();
    await this.load();
  }

  private async load(): Promise<void> {
    const words = office_words(this.office.language);
    const { say } = this;
    await Promise.all([
      fill(this.runs, words, async () => (await this.api.items(RUNS)).toSorted(newest).map((item) => this.run(item)), say("no_runs")),
      fill(this.cases, words, async () => (await this.api.items(CASES)).map((item) => this.case(item)), say("no_cases")),
      this.comparison.show(this.chosen),
    ]);
  }

  private case(item: Feature): HTMLElement {
    const { say } = this;
    const p = item.properties as unknown as { title: string; rows: number; columns: number; cell_m: number; bounds: BBox };
    return h(
      "li",
      { class: "order", "data-key": item.id },
      h(
        "div",
        { class: "order-head" },
        h("strong", {}, p.title),
        h("span", {}, say("cells", { rows: p.rows, columns: p.columns, cell: p.cell_m })),
        h("button", { type: "button", class: "plain", onclick: () => this.api.look(p.bounds) }, say("show")),
      ),
      drawActions(this.office, office_words(this.office.language), CASES, item, () => this.reload()),
    );
  }

  private run(item: Feature): HTMLElement {
    const { say } = this;
    const run = runOf(item);
    const at = this.chosen.indexOf(item.id);
    const tick = h("input", { type: "checkbox", checked: at >= 0, disabled: run.state !== "done" && at < 0, "aria-label": say("compare", { title: run.title }), onchange: () => this.toggle(item.id) });
    return h(
      "li",
      { class: "order wb-run", "data-key": item.id, "data-state": run.state },
      h("div", { class: "order-head" }, h("label", {}, tick, at >= 0 && bullet(at), h("strong", {}, run.title)), h("span", { class: "wb-state" }, this.state(run))),
      run.state === "running" && h("progress", { max: 1, value: run.progress ?? 0, "aria-label": say("running", { share: "" }) }),
      h("p", {}, `${run.case_title} — ${changed(run.changes, say)}`),
      h("small", { class: "facts" }, say("by", { who: run.asked_by, when: clock(new Date(run.asked_at), new Date()) })),
      drawActions(this.office, office_words(this.office.language), RUNS, item, () => this.reload()),
    );
  }

  private state(run: Run): string {
    const { say } = this;
    switch (run.state) {
      case "running":
        return say("running", { share: Math.round((run.progress ?? 0) * 100) });
      case "failed":
        return say("failed_run", { reason: (this.office.language === "ja" ? run.reason : run.reason_en) ?? "" });
      default:
        return say(run.state);
    }
  }

  private toggle(key: string): void {
    const { chosen } = this;
    this.chosen = chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key].slice(-MOST);
    // The address says what is compared: it can be sent to somebody else.
    history.replaceState(history.state, "", location.pathname + location.search + withRuns(location.hash, this.chosen));
    void this.load();
  }

  onView(view: View): void {
    this.office.view = view;
    this.say = speaker(view.language);
    this.comparison.speak(this.say, view.language);
    void this.comparison.show([]);
    void this.start();
  }

  onChange(change: Change): void {
    if ([CASES, RUNS].includes(change.collection)) this.reload();
  }

  onLine(line: Line): void {
    // What changed while the line was away was not told.
    if (line === "live") this.reload();
  }

  unmount(): void {
    removeEventListener("hashchange", this.onHash);
  }
}

const newest = (a: Feature, b: Feature): number => runOf(b).asked_at.localeCompare(runOf(a).asked_at);

const part: Part = {
  id: "workbench",
  title: { ja: "シナリオ", en: "Scenarios" },
  mount: (root, view, api) => new Workbench(root, view, api),
};
export default part;
