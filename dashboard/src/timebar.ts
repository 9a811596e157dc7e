/** The time slider: turns the whole screen back to any moment, with the moments of change marked. */
import { fetchJson, viewQuery } from "./api.ts";
import { h } from "./dom.ts";
import type { Say } from "./text.ts";
import { clock, fromInput, stamp, toInput } from "./time.ts";
import type { View } from "./types.ts";

/** How far back the slider reaches [hours]; the first is shown at the start. */
export const SPANS = [6, 1, 24, 72, 168, 720];
/** Positions along the slider: the arrow keys go from one to the next. */
const STEPS = 720;
const MARK_STEPS = 240;
const SETTLE_MS = 160;
const RENEW_MS = 20_000;

interface Mark {
  at: string;
  collections: Record<string, number>;
}

export interface TimeEvents {
  onTurn(asOf: string | null): void;
}

export class TimeBar {
  readonly root = h("section", { class: "timebar" });
  private marks: Mark[] = [];
  private start = 0;
  private end = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewing: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;
  private asking: AbortController | undefined;
  private collections: string[] = [];
  private hours = SPANS[0]!;
  private slider = h("input", { type: "range", min: 0, max: STEPS, step: 1, class: "slider", "data-focus": "slider" });
  private label = h("output", { class: "moment" });
  private ticks = h("div", { class: "ticks", "aria-hidden": "true" });
  private ends = [h("span", {}), h("span", {})] as const;
  private summary = h("p", { class: "sr" });

  constructor(
    private view: View,
    private say: Say,
    private readonly events: TimeEvents,
  ) {
    this.slider.addEventListener("input", () => this.moved());
    this.draw();
  }

  /** Show another view; the same elements stay, so that a drag goes on. */
  update(view: View, say: Say, collections: string[]): void {
    const other = view.status !== this.view.status || collections.join() !== this.collections.join();
    const redraw = say !== this.say || view.language !== this.view.language;
    this.view = view;
    this.say = say;
    this.collections = collections;
    if (redraw) this.draw();
    if (other) this.marks = [];
    this.place();
    if (other || redraw || this.outside()) void this.ask();
  }

  /** Something has changed, or the minute has: the marks are renewed before long. */
  renew(): void {
    this.renewing ??= setTimeout(
      () => {
        this.renewing = undefined;
        void this.ask();
      },
      Math.max(1_000, this.asked + RENEW_MS - Date.now()),
    );
  }

  /** Move on with the clock while the screen shows now. */
  tick(): void {
    if (this.view.asOf === null && document.activeElement !== this.slider) this.place();
  }

  private draw(): void {
    const { say } = this;
    const focus = (document.activeElement as HTMLElement | null)?.dataset["focus"];
    const span: HTMLSelectElement = h(
      "select",
      {
        "aria-label": say("span"),
        "data-focus": "span",
        onchange: () => {
          this.hours = Number(span.value);
          this.place();
          void this.ask();
        },
      },
      ...SPANS.toSorted((a, b) => a - b).map((hours) =>
        h("option", { value: hours, selected: hours === this.hours }, hours < 48 ? say("span_hours", { count: hours }) : say("span_days", { count: hours / 24 })),
      ),
    );
    this.slider.setAttribute("aria-label", say("slider"));
    const button = (name: "before" | "after", sign: string, step: () => void): HTMLElement =>
      h("button", { type: "button", class: "step", title: say(`change_${name}`), "aria-label": say(`change_${name}`), "data-focus": name, onclick: step }, sign);
    this.root.setAttribute("aria-label", say("time"));
    this.root.replaceChildren(
      h("div", { class: "time-words" }, this.label, this.exact()),
      button("before", "◀", () => this.jump(-1)),
      h("div", { class: "rail" }, this.ticks, this.slider, h("div", { class: "ends", "aria-hidden": "true" }, ...this.ends)),
      button("after", "▶", () => this.jump(1)),
      span,
      h("button", { type: "button", class: "to-now", "data-focus": "to-now", onclick: () => this.events.onTurn(null) }, say("to_now")),
      this.summary,
    );
    this.drawTicks();
    if (focus) this.root.querySelector<HTMLElement>(`[data-focus="${focus}"]`)?.focus();
  }

  /** For a moment that is known: the drag need not hit it. */
  private exact(): HTMLElement {
    // With a last day the year has four digits: whoever writes by keys goes on to the next box.
    const input = h("input", { type: "datetime-local", id: "as-of", required: true, max: "9999-12-31T23:59" });
    const back = (word: "day_back" | "hour_back", hours: number): HTMLElement =>
      h("button", { type: "button", onclick: () => (input.value = earlier(input.value, hours)) }, this.say(word));
    const form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          const asOf = fromInput(input.value);
          if (asOf === null) return;
          menu.removeAttribute("open");
          this.events.onTurn(asOf);
        },
      },
      h("label", { for: "as-of" }, this.say("as_of_label")),
      input,
      h("p", { class: "back" }, back("day_back", 24), back("hour_back", 1)),
      h("button", { type: "submit" }, this.say("apply")),
    );
    const menu = h(
      "details",
      {
        class: "menu",
        onkeydown: (event) => {
          if ((event as KeyboardEvent).key !== "Escape") return;
          menu.removeAttribute("open");
          menu.querySelector("summary")!.focus();
          event.stopPropagation();
        },
      },
      // Not with the toggle event: on a busy machine it comes after the first keys.
      h("summary", { "data-focus": "as-of", onclick: () => (input.value = toInput(this.moment())) }, this.say("as_of")),
      form,
    );
    return menu;
  }

  private moment(): Date {
    return this.view.asOf === null ? new Date() : new Date(this.view.asOf);
  }

  /** Put the thumb where the view's moment is, widening the span if that lies before it. */
  private place(): void {
    const now = Date.now();
    const at = this.moment().getTime();
    const needed = (now - at) / 3_600_000;
    if (needed > this.hours) {
      this.hours = SPANS.toSorted((a, b) => a - b).find((hours) => hours >= needed) ?? this.hours;
      for (const option of this.root.querySelectorAll<HTMLOptionElement>(".timebar select option")) {
        option.selected = Number(option.value) === this.hours;
      }
    }
    this.end = now;
    this.start = now - this.hours * 3_600_000;
    // What is older than the longest span lies in the middle of one that ends later.
    if (at < this.start) {
      this.start = at - (this.hours / 2) * 3_600_000;
      this.end = at + (this.hours / 2) * 3_600_000;
    }
    const share = this.view.asOf === null ? 1 : (at - this.start) / (this.end - this.start);
    this.slider.value = String(Math.round(Math.min(1, Math.max(0, share)) * STEPS));
    this.write(this.view.asOf);
    this.ends[0].textContent = clock(new Date(this.start), new Date(now));
    this.ends[1].textContent = this.end >= now ? this.say("now") : clock(new Date(this.end), new Date(now));
  }

  private write(asOf: string | null): void {
    const words = asOf === null ? this.say("now") : stamp(new Date(asOf));
    this.label.textContent = words;
    this.root.dataset["past"] = String(asOf !== null);
    this.slider.setAttribute("aria-valuetext", asOf === null ? this.say("now") : this.say("as_of_text", { time: words }));
  }

  private moved(): void {
    const value = Number(this.slider.value);
    const at = this.start + ((this.end - this.start) * value) / STEPS;
    const asOf = value >= STEPS || at >= Date.now() ? null : whole(at);
    this.write(asOf);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.events.onTurn(asOf), SETTLE_MS);
  }

  /** To the change before or after the moment that is shown. */
  private jump(way: 1 | -1): void {
    const at = this.moment().getTime();
    const times = this.marks.map((mark) => Date.parse(mark.at));
    const found = way < 0 ? times.findLast((time) => time < at - 500) : times.find((time) => time > at + 500);
    if (found === undefined) this.events.onTurn(way > 0 ? null : whole(this.start));
    else if (way > 0 && found === times.at(-1) && this.end >= Date.now() - 60_000) this.events.onTurn(null);
    else this.events.onTurn(whole(found));
  }

  private outside(): boolean {
    const at = this.moment().getTime();
    return this.asked === 0 || at < this.start || Date.now() - this.asked > RENEW_MS;
  }

  private async ask(): Promise<void> {
    if (this.collections.length === 0) return;
    this.asked = Date.now();
    this.asking?.abort();
    this.asking = new AbortController();
    const query = new URLSearchParams({
      ...viewQuery({ ...this.view, asOf: null }),
      from: new Date(this.start).toISOString(),
      to: new Date(this.end).toISOString(),
      steps: String(MARK_STEPS),
      collections: this.collections.join(","),
    });
    try {
      const found = (await fetchJson(`changes/moments?${query}`, this.asking.signal)) as { moments: Mark[] };
      this.marks = found.moments;
      this.drawTicks();
    } catch {
      // Without marks the slider still turns; the notice says that the server is away.
    }
  }

  private drawTicks(): void {
    const most = Math.max(1, ...this.marks.map(total));
    this.ticks.replaceChildren(
      ...this.marks.map((mark) => {
        const share = (Date.parse(mark.at) - this.start) / (this.end - this.start);
        const tick = h("i", {});
        tick.style.left = `${(share * 100).toFixed(2)}%`;
        tick.style.height = `${Math.round(30 + 70 * (Math.log1p(total(mark)) / Math.log1p(most)))}%`;
        return tick;
      }),
    );
    this.summary.textContent = this.say("marks", { count: this.marks.length });
  }
}

/** A datetime-local input's value so many hours earlier. */
function earlier(value: string, hours: number): string {
  const at = fromInput(value);
  return at === null ? value : toInput(new Date(Date.parse(at) - hours * 3_600_000));
}

function total(mark: Mark): number {
  return Object.values(mark.collections).reduce((sum, count) => sum + count, 0);
}

/** A moment in whole seconds, the last of which is included: what came within it is seen. */
function whole(at: number): string {
  return new Date(Math.ceil(at / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
}
