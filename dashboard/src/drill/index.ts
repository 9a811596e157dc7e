/** The instructor's panel: clock, script, commands, injects, and the review afterwards. */
import "./drill.css";
import { h } from "../dom.ts";
import type { Api, Change, Part, PartHandle, View } from "../part.ts";
import { patchChildren } from "../patch.ts";
import { injectForm } from "./inject.ts";
import { drillSeconds, spell, type DrillState, type ReviewLine, type ScriptLine } from "./state.ts";
import { speaker, type Word } from "./words.ts";

const REDRAW_MS = 300;

class Panel implements PartHandle {
  private state: DrillState | null = null;
  private told: { title: string; text: string; drill_s: number; run: string }[] = [];
  private came = 0;
  private token = "";
  private sure = false;
  private timer: number;
  private waiting = 0;
  private readonly head = h("section", { class: "drill-head", "aria-live": "off" });
  private readonly notice = h("p", { class: "drill-notice", role: "status" });
  private readonly controls = h("section", { class: "drill-controls" });
  private readonly form = h("section", { class: "drill-inject" });
  private readonly list = h("section", { class: "drill-script" });
  private readonly after = h("section", { class: "drill-review" });

  constructor(
    root: HTMLElement,
    private view: View,
    private readonly api: Api,
  ) {
    root.append(this.head, this.notice, this.controls, this.form, this.list, this.after);
    this.timer = window.setInterval(() => this.tick(), 1000);
    void this.load();
  }

  onView(view: View): void {
    this.view = view;
    void this.load();
  }

  onChange(change: Change): void {
    if (!change.collection.startsWith("response.")) return;
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => void this.load(), REDRAW_MS);
  }

  onLine(line: string): void {
    if (line === "live") void this.load();
  }

  unmount(): void {
    window.clearInterval(this.timer);
    window.clearTimeout(this.waiting);
  }

  private get say(): (word: Word) => string {
    return speaker(this.view.language);
  }

  private async load(): Promise<void> {
    try {
      const [state, told] = await Promise.all([
        this.api.get("drill") as Promise<DrillState>,
        this.api.items("response.injects"),
      ]);
      this.state = state;
      this.came = performance.now();
      this.told = told.map((f) => f.properties as unknown as (typeof this.told)[number]);
      if (state.instructor && this.token === "") {
        // Who one is does not depend on the view: no status, no as-of.
        const me = (await (await fetch("me")).json()) as { token?: string | null };
        this.token = me.token ?? "";
      }
      this.draw();
    } catch (error) {
      this.tellError(error);
    }
  }

  private draw(): void {
    this.drawHead();
    this.drawList();
    const leads = this.state?.instructor === true && this.view.asOf === null;
    this.drawControls(leads);
    this.drawForm(leads);
    this.drawReview();
  }

  private drawHead(): void {
    const { say } = this;
    const exercise = this.state?.exercise;
    if (!exercise) {
      patchChildren(this.head, [h("h2", {}, say("title")), h("p", { class: "calm" }, say("none"))]);
      return;
    }
    const ja = this.view.language === "ja";
    patchChildren(this.head, [
      h("h2", {}, `${say("title")}: ${exercise.title}`),
      h("p", { class: `drill-banner drill-${exercise.state}` }, ja ? exercise.words_ja : exercise.words_en),
      h(
        "p",
        { class: "drill-clock" },
        h("span", {}, `${say("time")} `),
        h("strong", { class: "drill-time" }, ""),
        h("span", {}, ` / ${spell(exercise.length_s)}`),
        h("span", { class: "drill-phase" }, exercise.phase ? `${say("phase")}: ${exercise.phase}` : ""),
        h("span", {}, `×${exercise.speed}`),
      ),
      h("progress", { max: exercise.length_s, value: exercise.drill_s, "aria-label": say("time") }),
    ]);
    this.tick();
  }

  private tick(): void {
    const exercise = this.state?.exercise;
    const time = this.head.querySelector(".drill-time");
    if (!exercise || !time) return;
    const gone = this.view.asOf === null ? performance.now() - this.came : 0;
    const seconds = drillSeconds(exercise, gone);
    time.textContent = spell(seconds);
    this.head.querySelector("progress")!.value = seconds;
  }

  private drawControls(leads: boolean): void {
    const { say } = this;
    if (!leads) {
      const why = this.view.asOf === null ? say("notInstructor") : say("past");
      patchChildren(this.controls, [h("p", { class: "calm" }, why)]);
      return;
    }
    const exercise = this.state?.exercise ?? null;
    const open = exercise?.state === "running" || exercise?.state === "paused";
    // The boxes stay the same ones: what is being typed belongs to the instructor.
    patchChildren(this.controls, open && exercise ? this.running(exercise) : [this.starting()]);
  }

  private running(exercise: NonNullable<DrillState["exercise"]>): HTMLElement[] {
    const { say } = this;
    const paused = exercise.state === "paused";
    const phase = h(
      "select",
      { id: "drill-jump", "aria-label": say("phase") },
      ...exercise.phases.map((p) => h("option", { value: p.name }, `${spell(p.at_s)} ${p.name}`)),
    );
    return [
      h(
        "div",
        { class: "drill-row" },
        h(
          "button",
          { type: "button", "data-focus": "drill-pause", onclick: () => void this.command(paused ? "resume" : "pause") },
          say(paused ? "resume" : "pause"),
        ),
        h("button", { type: "button", class: "drill-stop", "data-focus": "drill-stop", onclick: () => this.stop() }, say(this.sure ? "sure" : "stop")),
      ),
      h(
        "form",
        {
          class: "drill-row",
          "data-focus": "drill-speed-form",
          onsubmit: (event) => {
            event.preventDefault();
            void this.command("speed", { speed: Number(typed(event, "drill-speed")) });
          },
        },
        h("label", { for: "drill-speed" }, say("speed")),
        h("input", { type: "number", min: 0.1, max: 3600, step: "any", value: exercise.speed, id: "drill-speed" }),
        h("button", { type: "submit" }, say("set")),
      ),
      h(
        "form",
        {
          class: "drill-row",
          "data-focus": "drill-jump-form",
          onsubmit: (event) => {
            event.preventDefault();
            void this.command("jump", { phase: typed(event, "drill-jump") });
          },
        },
        phase,
        h("button", { type: "submit" }, say("jump")),
      ),
    ];
  }

  private starting(): HTMLElement {
    const { say } = this;
    return h(
      "form",
      {
        class: "drill-row",
        "data-focus": "drill-start-form",
        onsubmit: (event) => {
          event.preventDefault();
          void this.command("start", { scenario: typed(event, "drill-name").trim(), speed: Number(typed(event, "drill-speed")) });
        },
      },
      h("label", { for: "drill-name" }, say("scenario")),
      h("input", { id: "drill-name", value: "typhoon" }),
      h("label", { for: "drill-speed" }, say("speed")),
      h("input", { type: "number", min: 0.1, max: 3600, step: "any", value: 1, id: "drill-speed" }),
      h("button", { type: "submit" }, say("start")),
    );
  }

  private stop(): void {
    if (this.sure) {
      this.sure = false;
      void this.command("stop");
      return;
    }
    // It cannot be taken back: the second press means it.
    this.sure = true;
    this.draw();
  }

  private drawForm(leads: boolean): void {
    const state = this.state?.exercise?.state;
    const open = leads && (state === "running" || state === "paused");
    // A form that somebody fills in is made once, and again only in another language.
    const kind = open ? this.view.language : "";
    if (this.form.dataset["kind"] === kind) return;
    this.form.dataset["kind"] = kind;
    this.form.replaceChildren(
      ...(open ? [injectForm(this.view.language, this.api, (event) => this.command("inject", { event }))] : []),
    );
  }

  private drawList(): void {
    const { say } = this;
    const run = this.state?.exercise?.run;
    if (!this.state?.instructor) {
      const told = this.told.filter((t) => t.run === run).sort((a, b) => b.drill_s - a.drill_s);
      patchChildren(this.list, [
        h("h3", {}, say("told")),
        told.length === 0
          ? h("p", { class: "calm" }, say("nothing"))
          : h("ul", {}, ...told.map((t) => h("li", {}, h("b", {}, `${spell(t.drill_s)} ${t.title}`), ` ${t.text}`))),
      ]);
      return;
    }
    patchChildren(this.list, [
      h("h3", {}, say("script")),
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...(["at", "event", "expected", "state"] as Word[]).map((w) => h("th", { scope: "col" }, say(w))))),
        h("tbody", {}, ...this.state.script.map((line) => this.line(line))),
      ),
    ]);
  }

  private line(line: ScriptLine): HTMLElement {
    return h(
      "tr",
      { class: `drill-line-${line.state}` },
      h("td", {}, spell(line.at_s)),
      h("td", {}, h("span", {}, line.title), line.text ? h("small", {}, line.text) : null),
      h("td", {}, line.expected),
      h("td", {}, this.say(line.state)),
    );
  }

  private drawReview(): void {
    const { say } = this;
    if (!this.state?.instructor || !this.state.exercise) {
      this.after.replaceChildren();
      return;
    }
    void this.api.get("products/drill-review.json").then((found) => {
      const lines = (found as { lines: ReviewLine[] }).lines;
      patchChildren(this.after, [
        h("h3", {}, say("review")),
        h("p", {}, h("a", { href: this.api.href("products/drill-review.csv"), download: "drill-review.csv" }, say("csv"))),
        lines.length === 0
          ? h("p", { class: "calm" }, say("noReview"))
          : h(
              "table",
              {},
              h(
                "thead",
                {},
                h("tr", {}, ...(["at", "event", "expected", "outcome", "answer", "delay"] as Word[]).map((w) => h("th", { scope: "col" }, say(w)))),
              ),
              h(
                "tbody",
                {},
                ...lines.map((l) =>
                  h(
                    "tr",
                    { class: `drill-outcome-${l.outcome}` },
                    h("td", {}, spell(l.at_s)),
                    h("td", {}, l.title),
                    h("td", {}, l.expected),
                    h("td", {}, say(l.outcome)),
                    h("td", {}, l.answer),
                    h("td", {}, l.delay_min === null ? "" : String(l.delay_min)),
                  ),
                ),
              ),
            ),
      ]);
    }, (error: unknown) => this.tellError(error));
  }

  private async command(name: string, body: Record<string, unknown> = {}): Promise<boolean> {
    try {
      const headers = { "Content-Type": "application/json", ...(this.token ? { "X-CSRF-Token": this.token } : {}) };
      const sent = await this.api.send("POST", `drill/${name}`, body, headers);
      this.state = sent.body as DrillState;
      this.came = performance.now();
      this.notice.textContent = this.say("sent");
      this.notice.className = "drill-notice";
      this.draw();
      return true;
    } catch (error) {
      this.tellError(error);
      return false;
    }
  }

  private tellError(error: unknown): void {
    this.notice.textContent = error instanceof Error ? error.message : String(error);
    this.notice.className = "drill-notice failed";
  }
}

/** What stands in a form's box when it is sent. */
function typed(event: Event, id: string): string {
  return boxes(event.currentTarget as Element).find((box) => box.id === id)?.value ?? "";
}

function boxes(form: Element): (HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement)[] {
  return [...form.querySelectorAll<HTMLInputElement>("input, select, textarea")];
}

const part: Part = {
  id: "drill",
  title: { ja: "訓練進行", en: "Drill control" },
  mount: (root, view, api) => new Panel(root, view, api),
};
export default part;
