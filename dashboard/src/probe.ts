/** A place on a grid: what its coverages say of the point that was clicked (EDR position). */
import { fetchJson, viewQuery } from "./api.ts";
import { h, svg } from "./dom.ts";
import "./probe.css";
import { speakerOf, type Saying } from "./speak.ts";
import { clock } from "./time.ts";
import type { Class, Language, Layer, View } from "./types.ts";

const WORDS = {
  probe: { ja: "この地点", en: "This place" },
  most: { ja: "最大 {value}({time})", en: "at most {value} ({time})" },
  value: { ja: "{value}({time})", en: "{value} ({time})" },
  none: { ja: "期間を通じてなし", en: "none over the whole time" },
  first: { ja: "始まり {time}", en: "begins {time}" },
  close: { ja: "閉じる", en: "Close" },
};
const speaker = speakerOf(WORDS);
type Say = Saying<keyof typeof WORDS>;

const WIDTH = 240;
const HEIGHT = 60;

/** One coverage's values at a place, oldest first; null where nothing is known. */
export interface Probed {
  layer: Layer;
  unit: string;
  times: string[];
  values: (number | null)[];
}

interface CoverageCollection {
  parameters: Record<string, { unit: { symbol: string } }>;
  coverages: { domain: { axes: { t: { values: string[] } } }; ranges: Record<string, { values: (number | null)[] }> }[];
}

/** Ask the grids that are on the map for a place; of several coverages of one grid the newest that knows it. */
export async function probed(layers: Layer[], at: [number, number], view: View, moment: string | null): Promise<Probed[]> {
  const found = await Promise.all(
    layers.map(async (layer): Promise<Probed | null> => {
      const query = new URLSearchParams({ ...viewQuery(view), layer: layer.id, coords: `POINT(${at[0].toFixed(6)} ${at[1].toFixed(6)})`, ...(moment === null ? {} : { datetime: moment }) });
      const path = `collections/${encodeURIComponent(layer.collection)}/position?${query}`;
      const told = (await fetchJson(path).catch(() => null)) as CoverageCollection | null;
      return told && newestOf(told, layer);
    }),
  );
  return found.filter((one) => one !== null);
}

export function newestOf({ parameters, coverages }: CoverageCollection, layer: Layer): Probed | null {
  for (const { domain, ranges } of coverages.toReversed()) {
    const [name, range] = Object.entries(ranges)[0] ?? [];
    if (name === undefined || range === undefined || range.values.every((value) => value === null)) continue;
    return { layer, unit: parameters[name]?.unit.symbol ?? "", times: domain.axes.t.values, values: range.values };
  }
  return null;
}

/** A value as people read it: a share in per cent; of a scale without a unit the class's name first. */
export function valueText(layer: Layer, value: number, unit: string, language: Language): string {
  const label = classAt(layer, value)?.label[language] ?? "";
  if (unit !== "1") return `${value.toFixed(unit === "m" ? 2 : 1)} ${unit} ${label}`.trimEnd();
  if (layer.classes.every(({ at_least }) => (at_least ?? 0) <= 1)) return `${Math.round(value * 100)}%`;
  if (Number.isInteger(value) && label !== "") return label;
  return `${label} (${value.toFixed(1)})`.trimStart();
}

/** What a value is called and how it is coloured. */
function classAt(layer: Layer, value: number): Class | undefined {
  return layer.classes.filter(({ at_least }) => at_least !== null && value >= at_least).toSorted((a, b) => b.at_least! - a.at_least!)[0];
}

export function drawProbed(all: Probed[], at: [number, number], view: View, onClose: () => void): HTMLElement {
  const say = speaker(view.language);
  return h(
    "article",
    { class: "probe" },
    h("button", { type: "button", class: "close", "aria-label": say("close"), onclick: onClose }, "×"),
    h("h3", {}, say("probe")),
    h("p", {}, h("small", {}, `${at[1].toFixed(4)}, ${at[0].toFixed(4)}`)),
    ...all.map((one) => drawOne(one, view, say)),
  );
}

function drawOne({ layer, unit, times, values }: Probed, view: View, say: Say): HTMLElement {
  const known = values.flatMap((value, i) => (value === null ? [] : [{ value, time: times[i]! }]));
  const top = known.reduce((a, b) => (b.value > a.value ? b : a));
  const least = Math.min(...layer.classes.flatMap(({ at_least }) => (at_least === null ? [] : [at_least])));
  const first = known.find(({ value }) => value >= least);
  const found = classAt(layer, top.value);
  const when = (time: string): string => clock(new Date(time), new Date());
  const sign = h("i", { class: "probe-sign", "aria-hidden": "true" });
  sign.style.background = found?.colour ?? "transparent";
  const many = known.length > 1;
  return h(
    "section",
    {},
    h("p", {}, h("strong", {}, layer.title[view.language])),
    first ? h("p", {}, sign, say(many ? "most" : "value", { value: valueText(layer, top.value, unit, view.language), time: when(top.time) })) : h("p", {}, say("none")),
    many && first && h("p", {}, say("first", { time: when(first.time) })),
    many && first && chart(known.map(({ value }) => value), top.value, least),
    many && first && h("p", { class: "probe-axis" }, h("small", {}, when(known[0]!.time)), h("small", {}, when(known.at(-1)!.time))),
  );
}

function chart(values: number[], most: number, least: number): HTMLElement {
  const root = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const top = Math.max(most, least);
  const points = values.map((value, i) => `${((i / (values.length - 1)) * WIDTH).toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 6)).toFixed(1)}`);
  root.append(svg("polyline", { points: points.join(" ") }));
  return h("div", { class: "probe-chart" }, root);
}
