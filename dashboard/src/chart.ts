/** Small charts: a gauge's last hours against its thresholds, in one line of a list. */
import { fetchJson, viewQuery } from "./api.ts";
import { h, svg } from "./dom.ts";
import type { Reading } from "./fields.ts";
import { clock } from "./time.ts";
import type { Chart, Feature, View } from "./types.ts";

export type Point = readonly [time: number, value: number];

const WIDTH = 240;
const HEIGHT = 56;
/** A name's height as part of the picture's. */
const LABEL = 0.21;
const AT_ONCE = 4;
/** Readings come every minute or ten: charts need not be newer than this [ms]. */
const KEEP_MS = 15_000;

/** Readings by series, asked for when a chart is drawn and kept for a moment. */
export class Curves {
  private readonly kept = new Map<string, { at: number; points: Point[] | null }>();
  private waiting: { series: string; hours: number }[] = [];
  private running = 0;

  constructor(
    private readonly view: View,
    private readonly onCome: () => void,
  ) {}

  /** The series' points; undefined while they are asked for, null where they could not be had. */
  points(series: string, hours: number): Point[] | null | undefined {
    const found = this.kept.get(series);
    if (!found || (this.view.asOf === null && Date.now() - found.at > KEEP_MS && found.at > 0)) {
      this.kept.set(series, { at: 0, points: found?.points ?? null });
      this.waiting.push({ series, hours });
      this.next();
    }
    const known = this.kept.get(series)!;
    return known.at === 0 && known.points === null ? undefined : known.points;
  }

  private next(): void {
    while (this.running < AT_ONCE) {
      const asked = this.waiting.shift();
      if (!asked) return;
      this.running += 1;
      void this.ask(asked.series, asked.hours).finally(() => {
        this.running -= 1;
        this.next();
        if (this.running === 0) this.onCome();
      });
    }
  }

  private async ask(series: string, hours: number): Promise<void> {
    const end = this.view.asOf === null ? Date.now() : Date.parse(this.view.asOf);
    const query = new URLSearchParams({
      ...viewQuery(this.view),
      from: new Date(end - hours * 3_600_000).toISOString(),
      // Of a past moment as-of says what had come by then.
      ...(this.view.asOf === null ? { to: new Date(end + 60_000).toISOString() } : {}),
      limit: "2000",
      f: "json",
    });
    try {
      const found = (await fetchJson(`series/${encodeURIComponent(series)}/readings?${query}`)) as {
        readings: [string, number | null, string][];
      };
      const points = found.readings.flatMap(([time, value]) => (value === null ? [] : [[Date.parse(time), value] as const]));
      this.kept.set(series, { at: Date.now(), points });
    } catch {
      this.kept.set(series, { at: Date.now(), points: null });
    }
  }
}

/** What a chart says in words: the level, where it is going, and how far to the next threshold. */
export function chartWords(chart: Chart, feature: Feature, points: Point[], { language, say }: Reading): string {
  const last = points.at(-1);
  if (!last) return say("no_readings");
  const hourAgo = points.findLast(([time]) => time <= last[0] - 3_600_000) ?? points[0]!;
  const rise = last[1] - hourAgo[1];
  const sign = Math.abs(rise) < 0.005 ? "→" : rise > 0 ? "↑" : "↓";
  const next = [...lines(chart, feature)].reverse().find(({ value }) => value > last[1]);
  const words = [`${last[1].toFixed(2)} ${chart.unit} ${sign}`];
  if (next) words.push(say("to_threshold", { name: next.label[language], count: `${(next.value - last[1]).toFixed(2)} ${chart.unit}` }));
  return words.join("  ");
}

/** One moment of a forecast, and the band that it is in. */
interface Step {
  time: number;
  low: number;
  middle: number;
  high: number;
}

/** What is still to come of a forecast, from the reading that it was made of on; [] where there is none. */
export function stepsAhead(forecast: Feature | undefined, last: Point): Step[] {
  const told = forecast?.properties["steps"];
  if (!Array.isArray(told)) return [];
  const steps = (told as { at: string; low_m: number; middle_m: number; high_m: number }[])
    .map(({ at, low_m, middle_m, high_m }) => ({ time: Date.parse(at), low: low_m, middle: middle_m, high: high_m }))
    .filter(({ time }) => time > last[0]);
  return steps.length === 0 ? [] : [{ time: last[0], low: last[1], middle: last[1], high: last[1] }, ...steps];
}

function aheadWords(forecast: Feature | undefined, steps: Step[], { unit }: Chart, { language, say, now }: Reading): HTMLElement[] {
  const found: HTMLElement[] = [];
  const end = steps.at(-1);
  if (end) {
    const words = say("level_ahead", { time: clock(new Date(end.time), now), low: end.low.toFixed(2), high: `${end.high.toFixed(2)} ${unit}` });
    found.push(h("small", { class: "chart-ahead" }, words));
  }
  const flags = forecast?.properties[language === "ja" ? "flags_words" : "flags_words_en"];
  if (typeof flags === "string" && flags !== "") found.push(h("small", { class: "chart-flags" }, flags));
  return found;
}

/** The chart as an element; a forecast is drawn as a band after the line. */
export function drawChart(chart: Chart, feature: Feature, points: Point[] | null | undefined, reading: Reading, forecast?: Feature): HTMLElement {
  if (points === undefined) return h("span", { class: "chart chart-note" }, reading.say("loading"));
  if (points === null) return h("span", { class: "chart chart-note" }, reading.say("no_chart"));
  if (points.length === 0) return h("span", { class: "chart chart-note" }, reading.say("no_readings"));
  const words = chartWords(chart, feature, points, reading);
  const latest = points.at(-1)!;
  const steps = stepsAhead(forecast, latest);
  return h(
    "span",
    { class: "chart" },
    h("span", { class: "chart-words" }, words, " ", h("small", {}, clock(new Date(latest[0]), reading.now))),
    picture(chart, feature, points, steps, reading),
    ...aheadWords(forecast, steps, chart, reading),
  );
}

interface Line {
  value: number;
  label: Chart["thresholds"][number]["label"];
  colour: string;
}

function lines(chart: Chart, feature: Feature): Line[] {
  return chart.thresholds.flatMap(({ name, label, colour }) => {
    const value = feature.properties[name];
    return typeof value === "number" ? [{ value, label, colour }] : [];
  });
}

/** Where names stand, from above: as near to their lines as leaves each readable. */
export function apart(lines: number[], least = LABEL): number[] {
  const tops: number[] = [];
  for (const line of lines) tops.push(Math.max(line, (tops.at(-1) ?? -1) + least, least / 2));
  for (let i = tops.length - 1, floor = 1 - least / 2; i >= 0; i--, floor -= least) tops[i] = Math.min(tops[i]!, floor);
  return tops;
}

function picture(chart: Chart, feature: Feature, points: Point[], steps: Step[], { language, now }: Reading): Element {
  const marked = lines(chart, feature);
  const values = [...points.map(([, value]) => value), ...marked.map(({ value }) => value), ...steps.flatMap(({ low, high }) => [low, high])];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = Math.max(0.1, (high - low) * 0.08);
  const y = (value: number): number => HEIGHT - ((value - low + pad) / (high - low + 2 * pad)) * HEIGHT;
  const last = points.at(-1)![0];
  const seen = Math.max(now.getTime(), last);
  const end = Math.max(seen, steps.at(-1)?.time ?? 0);
  // No emptier than the readings are long: a drill's hours pass in minutes.
  const start = Math.max(points[0]![0], seen - chart.hours * 3_600_000);
  const x = (time: number): number => (end > start ? ((time - start) / (end - start)) * WIDTH : WIDTH);
  const root = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  for (const { value, colour } of marked) {
    root.append(svg("line", { x1: 0, x2: WIDTH, y1: y(value), y2: y(value), stroke: colour, "stroke-width": 1.6, "stroke-dasharray": "5 3", "vector-effect": "non-scaling-stroke" }));
  }
  const path = points.map(([time, value], i) => `${i === 0 ? "M" : "L"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  root.append(svg("path", { d: `${path}L${x(steps.length > 0 ? last : end).toFixed(1)} ${HEIGHT}L${x(points[0]![0]).toFixed(1)} ${HEIGHT}Z`, fill: "#0b57a41f" }));
  if (steps.length > 0) {
    const at = (time: number, value: number): string => `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
    const band = [...steps.map(({ time, high }) => at(time, high)), ...steps.toReversed().map(({ time, low }) => at(time, low))];
    const middle = steps.map(({ time, middle }) => at(time, middle));
    root.append(svg("path", { class: "chart-band", d: `M${band.join("L")}Z`, fill: "#c45a0033" }));
    root.append(svg("path", { d: `M${middle.join("L")}`, fill: "none", stroke: "#c45a00", "stroke-width": 1.8, "stroke-dasharray": "3 2", "vector-effect": "non-scaling-stroke" }));
  }
  root.append(svg("path", { d: path, fill: "none", stroke: "#0b57a4", "stroke-width": 2, "vector-effect": "non-scaling-stroke" }));
  const tops = apart(marked.map(({ value }) => y(value) / HEIGHT));
  const names = marked.map(({ value, label, colour }, i) => {
    const name = h("i", {}, `${label[language]} ${value.toFixed(2)}`);
    name.style.setProperty("top", `${(tops[i]! * 100).toFixed(1)}%`);
    name.style.setProperty("--colour", colour);
    return name;
  });
  return h("span", { class: "chart-picture" }, root as unknown as Node, h("span", { class: "chart-lines", "aria-hidden": "true" }, ...names));
}
