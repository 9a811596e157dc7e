/** The moments of grids on the map: one is shown, all can be played through. */
import { h } from "./dom.ts";
import type { MapView } from "./map.ts";
import type { Say } from "./text.ts";
import type { Feature, Language, Layer, View } from "./types.ts";

const STEP_MS = 700;
/** More moments than this make no loop that anybody waits for. */
const MOST = 72;

interface Held {
  layer: Layer;
  moments: string[];
  forecast: boolean;
  /** What its numbers are of (`depth_m`): two grids of the same lie upon each other. */
  parameter: string;
  /** The statements that its pictures are made of: others make other pictures. */
  statements: string;
}

/** The moments to play through: every picture that came, and of forecasts the newest one's. */
export function momentsOf(features: Iterable<Feature>): string[] {
  const found = [...features].map((feature) => ({ said: String(feature.properties["said_at"]), moments: stated(feature) }));
  const newest = found.reduce((a, { said }) => (said > a ? said : a), "");
  const kept = found.filter(({ said, moments }) => moments.length === 1 || said === newest);
  return [...new Set(kept.flatMap(({ moments }) => moments))].toSorted().slice(-MOST);
}

/** What is newest of what was seen; with forecasts alone, the last of their moments that has come, else the first. */
export function presentOf(drawn: { moments: string[]; forecast: boolean }[], now: Date): string {
  const seen = drawn.filter(({ forecast }) => !forecast).flatMap(({ moments }) => moments);
  const told = drawn.flatMap(({ moments }) => moments).toSorted();
  return seen.toSorted().at(-1) ?? told.findLast((moment) => new Date(moment) <= now) ?? told[0] ?? "";
}

/**
 * Whether a grid has something to say of a moment: what was seen nothing of what is to come, a forecast nothing of the time
 * before it, nor of what was `seen` since of the same quantity.
 */
export function holds({ moments, forecast, parameter }: Pick<Held, "moments" | "forecast" | "parameter">, moment: string, present: string, seen: ReadonlySet<string>): boolean {
  if (!forecast) return moment <= present;
  return moment >= moments[0]! && (moment > present || !seen.has(parameter));
}

export class Loop {
  readonly root = h("div", { class: "loop", hidden: true });
  private readonly held = new Map<string, Held>();
  private moments: string[] = [];
  private at = "";
  /** What was newest when it was looked at last: who looked at that is taken on to what comes. */
  private newest = "";
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly map: MapView,
    private readonly say: () => Say,
    private readonly view: () => View,
    private readonly shown: ReadonlySet<string>,
  ) {}

  /** The moment that is drawn; null where there is none. */
  get moment(): string | null {
    return this.root.hidden ? null : this.at;
  }

  /** A layer's grids have come or changed. */
  show(layer: Layer, features: Iterable<Feature>): void {
    const all = [...features];
    const forecast = all.some((feature) => stated(feature).length > 1);
    const statements = all.map(({ properties }) => String(properties["record"])).join();
    const parameter = String(all[0]?.properties["parameter"] ?? "");
    this.held.set(layer.id, { layer, moments: momentsOf(all), forecast, parameter, statements });
    this.draw();
  }

  /** Layers were switched, or the language was. */
  draw(): void {
    const drawn = [...this.held.values()].filter(({ layer }) => this.shown.has(layer.id));
    this.moments = [...new Set(drawn.flatMap(({ moments }) => moments))].toSorted();
    this.root.hidden = this.moments.length === 0;
    if (this.root.hidden) {
      this.stop();
      this.paint();
      return;
    }
    const present = this.present(drawn);
    if (!this.moments.includes(this.at) || this.at === this.newest) this.at = present;
    this.newest = present;
    this.put();
  }

  private present(drawn: Pick<Held, "moments" | "forecast">[]): string {
    const { asOf } = this.view();
    return presentOf(drawn, asOf === null ? new Date() : new Date(asOf));
  }

  private put(): void {
    const say = this.say();
    const index = this.moments.indexOf(this.at);
    const { language } = this.view();
    const many = this.moments.length > 1;
    const slider = h("input", {
      type: "range", min: "0", max: String(this.moments.length - 1), value: String(index),
      "aria-label": say("loop_moment"), "data-focus": "loop",
      "aria-valuetext": label(this.at, language),
      oninput: ({ currentTarget }) => {
        this.stop();
        this.go(this.moments[Number((currentTarget as HTMLInputElement).value)]!);
      },
    });
    const play = h("button", { type: "button", "data-focus": "loop-play", "aria-pressed": this.timer ? "true" : "false", onclick: () => this.toggle() }, say(this.timer ? "loop_stop" : "loop_play"));
    const focus = this.root.contains(document.activeElement) ? document.activeElement?.getAttribute("data-focus") : null;
    this.root.replaceChildren(many ? play : "", many ? slider : "", h("output", {}, `${say("loop_at")} ${label(this.at, language)}${this.ahead() ? ` ${say("loop_ahead")}` : ""}`));
    if (focus) this.root.querySelector<HTMLElement>(`[data-focus="${focus}"]`)?.focus();
    this.paint(this.at);
  }

  private paint(moment?: string): void {
    const drawn = [...this.held.values()].filter(({ layer }) => this.shown.has(layer.id));
    const present = this.present(drawn);
    const seen = new Set(drawn.filter(({ forecast, moments }) => !forecast && moments.length > 0).map(({ parameter }) => parameter));
    for (const held of this.held.values()) {
      const on = moment !== undefined && this.shown.has(held.layer.id) && holds(held, moment, present, seen);
      this.map.picture(held.layer, on ? moment : undefined, held.statements);
    }
  }

  private ahead(): boolean {
    const drawn = [...this.held.values()].filter(({ layer }) => this.shown.has(layer.id));
    return this.moments.length > 0 && this.at > this.present(drawn);
  }

  private go(moment: string): void {
    this.at = moment;
    this.put();
  }

  private toggle(): void {
    if (this.timer) this.stop();
    else {
      this.timer = setInterval(() => this.go(this.moments[(this.moments.indexOf(this.at) + 1) % this.moments.length]!), STEP_MS);
    }
    this.put();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

function stated({ properties }: Feature): string[] {
  return Array.isArray(properties["moments"]) ? (properties["moments"] as string[]) : [];
}

function label(moment: string, language: Language): string {
  return new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", {
    month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "Asia/Tokyo",
  }).format(new Date(moment));
}
