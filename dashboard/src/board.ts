/** A layer's list: grouped by class, gravest first, newest first within; the screen reader's map. */
import { drawChart, type Point } from "./chart.ts";
import { besideOf, chipText, classOf, nameOf } from "./classes.ts";
import type { LayerData } from "./data.ts";
import { chip, h } from "./dom.ts";
import { rowParts, rowText, type Reading } from "./fields.ts";
import { byDistance, distance, kilometres, type Here } from "./near.ts";
import { age, clock, moment } from "./time.ts";
import type { Board, Class, Feature, Layer } from "./types.ts";

const FIRST_ROWS = 60;
const FRESH_MS = 20_000;
const RECENT_MS = 3_600_000;
const POINTS: readonly Layer["shape"][] = ["circle", "square", "diamond", "triangle"];

export interface BoardOptions extends Reading {
  search: string;
  /** Index of the only class to show, or null for all. */
  only: number | null;
  /** Only what has changed within the hour. */
  recent: boolean;
  /** Where distances are measured from, for a list that goes by them. */
  near: Here | null;
  /** Classes whose rows are all shown. */
  unfolded: Set<string>;
  /** A series' readings, if they are at hand. */
  points(series: string, hours: number): Point[] | null | undefined;
  /** What a layer forecasts for a thing, if it does. */
  ahead(layer: string, key: string): Feature | undefined;
  onPick(layer: Layer, feature: Feature): void;
  onOnly(layer: Layer, index: number | null): void;
  /** Go by distance; `pick`: from a place that is chosen on the map; null: by class and time again. */
  onNear(layer: Layer, how: "here" | "pick" | null): void;
  onUnfold(id: string): void;
  onRetry(data: LayerData): void;
}

export interface Group {
  index: number;
  rows: Feature[];
}

/** The features by class in legend order; those without a class are not listed. */
export function groups(layer: Layer, features: Iterable<Feature>): Group[] {
  const found: Group[] = layer.classes.map((_, index) => ({ index, rows: [] }));
  for (const feature of features) found[classOf(layer, feature)]?.rows.push(feature);
  for (const { rows } of found) rows.sort((a, b) => timeOf(layer, b) - timeOf(layer, a) || (a.id < b.id ? -1 : 1));
  return found.filter(({ index, rows }) => rows.length > 0 && layer.classes[index]?.colour !== "");
}

/** A feature never changes, and thousands are sorted with each drawing: its time is read once. */
const TIMES = new WeakMap<Feature, number>();

function timeOf(layer: Layer, feature: Feature): number {
  let found = TIMES.get(feature);
  if (found === undefined) TIMES.set(feature, (found = sinceOf(layer, feature)?.getTime() ?? 0));
  return found;
}

/** Since when this holds: the board's time, or where that is open when it was said. */
export function sinceOf(layer: Layer, feature: Feature): Date | undefined {
  return moment(feature.properties[layer.board?.since ?? "start"]) ?? moment(feature.properties["said_at"]);
}

/** Whether a feature's name or listed words contain what was typed. */
export function matches(layer: Layer, feature: Feature, search: string, reading: Reading): boolean {
  if (search === "") return true;
  const words = [
    nameOf(layer, feature, "ja"),
    nameOf(layer, feature, "en"),
    feature.id,
    rowText(layer.board?.fields ?? [], feature.properties, reading),
  ];
  return words.some((word) => word.toLowerCase().includes(search.toLowerCase()));
}

/** The board as an element. */
export function drawBoard(data: LayerData, board: Board, options: BoardOptions): HTMLElement {
  const { layer } = data;
  const { language, say } = options;
  const all = groups(layer, data.features.values());
  const total = all.reduce((sum, group) => sum + group.rows.length, 0);
  return h(
    "section",
    { class: "board", id: `board-${layer.id}`, "data-rove": ".row", "aria-labelledby": `title-${layer.id}`, "data-state": data.load.state, "aria-busy": String(data.load.state === "loading") },
    h(
      "div",
      { class: "board-head" },
      h("h2", { id: `title-${layer.id}` }, board.title[language]),
      h("span", { class: "count" }, data.at && data.received !== false ? total.toLocaleString(language) : ""),
      total > 1 && POINTS.includes(layer.shape) && !board.happens && nearButton(layer, options),
      data.at && h("span", { class: "updated" }, say("updated", { time: clock(data.at, new Date()) })),
    ),
    options.near && nearFrom(layer, options.near, options),
    board.open && data.at && data.received !== false && summary(layer, all, options),
    ...content(data, board, all, options),
  );
}

function content(data: LayerData, board: Board, all: Group[], options: BoardOptions): (HTMLElement | null)[] {
  const { language, say } = options;
  const failed =
    data.load.state === "error"
      ? h(
          "p",
          { class: "failed", role: "alert" },
          say("failed", { reason: data.load.reason }),
          " ",
          h("button", { type: "button", "data-focus": `retry-${data.layer.id}`, onclick: () => options.onRetry(data) }, say("retry")),
        )
      : null;
  if (data.at === undefined) return [failed ?? skeleton(say("loading"))];
  if (all.length === 0) {
    if (data.received !== false) return [failed, h("p", { class: "calm" }, board.empty[language])];
    return [failed, h("p", { class: board.open ? "never" : "calm unheard" }, say(board.open ? "never" : "unheard"))];
  }
  const shown = ordered(data.layer, all, options.near)
    .filter(({ index }) => options.only === null || options.only === index)
    .map(({ index, rows }) => ({ index, rows: rows.filter((f) => isRecent(data.layer, f, options) && matches(data.layer, f, options.search, options)) }))
    .filter(({ rows }) => rows.length > 0);
  if (shown.length === 0) return [failed, h("p", { class: "calm" }, say("none_match"))];
  return [failed, ...shown.map((group) => drawGroup(data, board, group, options))];
}

/** Whether it has changed within the hour before the moment that is shown, where only that is asked for. */
function isRecent(layer: Layer, feature: Feature, { recent, now }: BoardOptions): boolean {
  return !recent || now.getTime() - (sinceOf(layer, feature)?.getTime() ?? 0) <= RECENT_MS;
}

/** By distance: then a list of steps (how full) begins with the least, where there is room. */
function ordered(layer: Layer, all: Group[], near: Here | null): Group[] {
  if (!near) return all;
  const found = all.map(({ index, rows }) => ({ index, rows: byDistance(rows, near) }));
  const step = ({ index }: Group): number => layer.classes[index]?.at_least ?? Infinity;
  return found.toSorted((a, b) => (step(a) === step(b) ? a.index - b.index : step(a) - step(b)));
}

function nearButton(layer: Layer, { near, say, onNear }: BoardOptions): HTMLElement {
  return h(
    "button",
    { type: "button", class: "near", "aria-pressed": String(near !== null), "data-focus": `near-${layer.id}`, onclick: () => onNear(layer, near ? null : "here") },
    say("nearest"),
  );
}

function nearFrom(layer: Layer, near: Here, { say, onNear }: BoardOptions): HTMLElement {
  return h(
    "p",
    { class: "near-from" },
    say("near_from", { name: near.name }),
    " ",
    h("button", { type: "button", "data-focus": `near-pick-${layer.id}`, onclick: () => onNear(layer, "pick") }, say("near_pick")),
  );
}

function skeleton(words: string): HTMLElement {
  return h("div", { class: "skeleton", role: "status" }, h("span", {}, words), h("i"), h("i"), h("i"));
}

/** One tile for each class, always at the same place: how many, and a switch to see only those. */
function summary(layer: Layer, all: Group[], options: BoardOptions): HTMLElement {
  const tiles = layer.classes.flatMap((found, index) => {
    if (found.colour === "") return [];
    const count = all.find((group) => group.index === index)?.rows.length ?? 0;
    const pressed = options.only === index;
    const tile = h(
      "button",
      {
        type: "button",
        class: "tile",
        "aria-pressed": String(pressed),
        disabled: count === 0 && !pressed,
        "data-pattern": found.pattern,
        "data-focus": `tile-${layer.id}-${index}`,
        onclick: () => options.onOnly(layer, pressed ? null : index),
      },
      h("span", { class: "tile-words" }, chipText(found, options.language)),
      h("span", { class: "tile-count" }, count.toLocaleString(options.language)),
    );
    paint(tile, found);
    return [tile];
  });
  return h("div", { class: "tiles", role: "group", "aria-label": layer.board?.title[options.language] }, ...tiles);
}

function drawGroup(data: LayerData, board: Board, { index, rows }: Group, options: BoardOptions): HTMLElement {
  const { layer } = data;
  const found = layer.classes[index]!;
  const id = `${layer.id}-${index}`;
  const some = options.unfolded.has(id) ? rows : rows.slice(0, FIRST_ROWS);
  const group = h(
    "div",
    { class: "group" },
    h(
      "h3",
      {},
      chip(found.colour, found.ink, found.pattern, found.label[options.language]),
      h("span", { class: "count" }, rows.length.toLocaleString(options.language)),
    ),
    h("ul", { "aria-describedby": "rows-hint" }, ...some.map((feature) => row(data, board, feature, options))),
    rows.length > some.length &&
      h(
        "button",
        { type: "button", class: "more", "data-focus": `more-${id}`, onclick: () => options.onUnfold(id) },
        options.say("more", { count: rows.length - some.length }),
      ),
  );
  paint(group, found);
  return group;
}

function row(data: LayerData, board: Board, feature: Feature, options: BoardOptions): HTMLElement {
  const { layer } = data;
  const start = sinceOf(layer, feature);
  const end = moment(feature.properties["end"]);
  const details = rowParts(board.fields, feature.properties, options);
  const beside = besideOf(layer, feature, options.language);
  const km = options.near ? distance(options.near, feature) : undefined;
  const series = board.chart && feature.properties[board.chart.series];
  const fresh = Date.now() - (data.fresh.get(feature.id) ?? 0) < FRESH_MS;
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: fresh ? "row fresh" : "row",
        "data-key": feature.id,
        "data-focus": `${layer.id}/${feature.id}`,
        onclick: () => options.onPick(layer, feature),
      },
      h("span", { class: "row-name" }, nameOf(layer, feature, options.language), km !== undefined && h("span", { class: "row-far" }, kilometres(km))),
      start &&
        h(
          "span",
          { class: "row-time" },
          h("time", { datetime: start.toISOString() }, board.happens ? clock(start, options.now) : options.say("since", { time: clock(start, options.now) })),
          h("small", {}, age(start, options.now, options.say)),
        ),
      (beside !== "" || details.length > 0) && h("span", { class: "row-text" }, beside !== "" && h("span", { class: "row-ja", lang: "ja" }, beside), ...details),
      board.chart && typeof series === "string" && drawChart(board.chart, feature, options.points(series, board.chart.hours), options, options.ahead(board.chart.forecast, feature.id)),
      end && end > options.now && h("span", { class: "row-until" }, options.say("until", { time: clock(end, options.now) })),
    ),
  );
}

function paint(element: HTMLElement, found: Class): void {
  element.style.setProperty("--colour", found.colour);
  element.style.setProperty("--ink", found.ink);
}
