/** The figures and the scores of a comparison, and one place in each run. */
import { h, svg } from "../dom.ts";
import type { Language, Text } from "../types.ts";
import type { Compared, Figures, Run, Score } from "./runs.ts";
import type { Say } from "./words.ts";

export const COLOURS = ["#1c6fb8", "#c2410c", "#2b8a3e", "#7048e8"];
const WIDTH = 320;
const HEIGHT = 90;

type Row = [words: string, of: (run: Run) => number | undefined, digits: number];

/** The figures next to each other; of later runs also how far from the first. */
export function drawFigures({ runs, legends }: Compared, say: Say, language: Language): HTMLElement {
  const figure = (name: keyof Figures, scale: number, digits: number): Row => [
    say(name as Parameters<Say>[0]),
    (run) => {
      const value = run.figures?.[name];
      return typeof value === "number" ? value / scale : undefined;
    },
    digits,
  ];
  const ranks = (legends["max_depth_m"] ?? []).toReversed();
  const rows: Row[] = [
    figure("area_m2", 10_000, 1),
    ...ranks.map(({ label }, at): Row => [say("rank", { label: label[language] }), (run) => (run.figures ? (run.figures.area_by_rank_m2[at] ?? 0) / 10_000 : undefined), 1]),
    figure("deepest_m", 1, 2),
    figure("earliest_arrival_min", 1, 0),
    // The local-inertial scheme says little of speed, and in a thin sheet on a steep bank too much.
    ...(runs.every(({ run }) => run.kernel === "finite-volume") ? [figure("fastest_m_s", 1, 2)] : []),
    figure("volume_m3", 1_000, 0),
    figure("people", 1, 0),
    figure("buildings", 1, 0),
    [say("cost"), (run) => run.cost?.cpu_s, 1],
    [say("cell_steps"), (run) => run.cost && (run.cost.cells * run.cost.steps) / 1e6, 0],
  ];
  const told = rows.filter(([, of]) => runs.some(({ run }) => (of(run) ?? 0) !== 0));
  return h(
    "table",
    { class: "wb-figures" },
    h("thead", {}, h("tr", {}, h("th", {}, say("figures")), ...runs.map(({ run }, at) => h("th", { scope: "col" }, bullet(at), run.title)))),
    h(
      "tbody",
      {},
      ...told.map(([words, of, digits]) => {
        const first = runs[0] && of(runs[0].run);
        return h("tr", {}, h("th", { scope: "row" }, words), ...runs.map(({ run }, at) => cell(of(run), at > 0 ? first : undefined, digits, language)));
      }),
    ),
  );
}

function cell(value: number | undefined, first: number | undefined, digits: number, language: Language): HTMLElement {
  if (value === undefined) return h("td", {}, "–");
  const form = (n: number): string => n.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const apart = first === undefined ? 0 : value - first;
  const small = Math.abs(apart) < 0.5 * 10 ** -digits;
  return h("td", {}, form(value), !small && h("small", {}, `${apart > 0 ? "+" : "−"}${form(Math.abs(apart))}`));
}

/** Scores against what was measured and against the first run; nothing where there are none. */
export function drawScores({ runs }: Compared, say: Say): HTMLElement | null {
  const titles = new Map(runs.map(({ key, run }) => [key, run.title]));
  const rows = runs.flatMap(({ run, scores }, at) => scores.map((score) => ({ run, score, at })));
  if (rows.length === 0) return null;
  const number = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(2));
  const both = ({ csi, csi_deep }: Score): string => (csi === undefined && csi_deep === undefined ? "–" : `${number(csi)} / ${number(csi_deep)}`);
  const head = [say("score_of"), say("against"), "NSE", "KGE", "RMSE m", say("peak"), say("csi")];
  return h(
    "table",
    { class: "wb-scores" },
    h("thead", {}, h("tr", {}, h("th", {}, say("scores")), ...head.map((words) => h("th", { scope: "col" }, words)))),
    h(
      "tbody",
      {},
      ...rows.map(({ run, score, at }) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, bullet(at), run.title),
          h("td", {}, score.of === "map" ? say("whole_map") : score.of),
          h("td", {}, score.against === "observed" ? say("observed") : (titles.get(score.against) ?? score.against)),
          ...[number(score.nse), number(score.kge), number(score.rmse_m), number(score.peak_error_m), both(score)].map((text) => h("td", {}, text)),
        ),
      ),
    ),
  );
}

export interface Probed {
  place: [number, number];
  runs: { key: string; title: string; inside?: boolean; minutes?: number[]; depth_m?: (number | null)[]; max_depth_m?: number | null; arrival_min?: number | null }[];
}

/** One place in each run: its depth over time, drawn and in words. */
export function drawProbe({ place, runs }: Probed, say: Say): HTMLElement {
  const inside = runs.map((run, at) => ({ run, at })).filter(({ run }) => run.inside === true);
  const most = Math.max(0.5, ...inside.flatMap(({ run }) => (run.depth_m ?? []).map((d) => d ?? 0)));
  const last = Math.max(1, ...inside.flatMap(({ run }) => run.minutes ?? []));
  const chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": say("probe", { lon: place[0], lat: place[1] }) });
  for (const { run, at } of inside) {
    const points = (run.minutes ?? []).map((minute, i) => `${((minute / last) * (WIDTH - 4) + 2).toFixed(1)},${(HEIGHT - 2 - ((run.depth_m?.[i] ?? 0) / most) * (HEIGHT - 14)).toFixed(1)}`);
    chart.append(svg("polyline", { points: points.join(" "), stroke: COLOURS[at] ?? "#000" }));
  }
  const words = ({ title, inside: is, max_depth_m, arrival_min }: Probed["runs"][number]): string =>
    is !== true
      ? `${title}: ${say("outside")}`
      : say("probe_one", { title, depth: (max_depth_m ?? 0).toFixed(2), arrival: arrival_min === null || arrival_min === undefined ? say("never") : say("minutes", { minutes: Math.round(arrival_min) }) });
  return h(
    "section",
    { class: "wb-probe" },
    h("h4", {}, say("probe", { lon: place[0].toFixed(4), lat: place[1].toFixed(4) })),
    h("div", { class: "wb-axis" }, h("small", {}, `${most.toFixed(1)} m`), h("small", {}, say("minutes", { minutes: Math.round(last) }))),
    inside.length > 0 && h("div", { class: "wb-chart" }, chart),
    h("ul", {}, ...runs.map((run, at) => h("li", {}, bullet(at), words(run)))),
  );
}

/** A run's colour in this comparison. */
export function bullet(at: number): HTMLElement {
  const found = h("i", { class: "wb-bullet", "aria-hidden": "true" });
  found.style.background = COLOURS[at] ?? "#000";
  return found;
}

export function drawLegend(rows: { colour: string; label: Text }[], language: Language): HTMLElement {
  return h(
    "ul",
    { class: "wb-legend" },
    ...rows.map(({ colour, label }) => {
      const sign = h("i", { "aria-hidden": "true" });
      sign.style.background = colour;
      return h("li", {}, sign, label[language]);
    }),
  );
}
