/** The legend, which is also where layers are switched on and off. */
import { h, swatch } from "./dom.ts";
import { boxAround } from "./geo.ts";
import { patchChildren } from "./patch.ts";
import type { Say } from "./text.ts";
import { age, clock, moment } from "./time.ts";
import type { BBox, Feature, Group, Language, Layer } from "./types.ts";

/** Beyond this many classes a legend goes in two columns. */
const MANY = 6;

/** When a grid was made, and where it lies. */
export interface Told {
  at: Date;
  box: BBox | undefined;
  scores: Score[];
}

/** How an earlier forecast did against what came, beside the forecast that nothing moves. */
interface Score {
  lead_min: number;
  csi: number | null;
  csi_persistence: number | null;
}

export interface LegendHost {
  present(layer: Layer): ReadonlySet<number>;
  told(layer: Layer): Told | undefined;
  onLook(box: BBox): void;
  onToggle(layer: Layer, on: boolean): void;
}

/** What the newest of a layer's statements tells; undefined where there is none. */
export function toldOf(features: Iterable<Feature>): Told | undefined {
  const all = [...features];
  const times = all.flatMap(({ properties }) => moment(properties["issued_at"] ?? properties["said_at"]) ?? []);
  if (times.length === 0) return undefined;
  const newest = all.reduce((a, b) => (String(b.properties["said_at"]) > String(a.properties["said_at"]) ? b : a));
  const scores = (Array.isArray(newest.properties["scores"]) ? newest.properties["scores"] : []) as Score[];
  return { at: new Date(Math.max(...times.map(Number))), box: boxAround(all), scores: scores.filter(({ csi }) => typeof csi === "number") };
}

/** What the legend is drawn for. */
export interface Shown {
  shown: ReadonlySet<string>;
  zoom: number;
  language: Language;
  say: Say;
}

/** The layers below their headings, which fold; a word searches them. Holds what its reader did. */
export class Legend {
  /** Which headings are unfolded: by their reader, else since something below them was on the map. */
  private readonly unfolded = new Map<string, boolean>();
  private words = "";
  private again: () => void = () => {};

  draw(into: HTMLElement, groups: Group[], layers: Layer[], about: Shown, host: LegendHost): void {
    this.again = () => this.draw(into, groups, layers, about, host);
    // In another language the legend is another element: what was searched stands in its box, too.
    const typed = into.querySelector("input[type=search]")?.getAttribute("value") ?? this.words;
    const drawn = layers.filter(({ shape }) => shape !== "none");
    const found = drawn.filter((layer) => isCalled(layer, this.words));
    const { say } = about;
    const box = h("input", {
      type: "search", "data-focus": "legend-search", "aria-label": say("legend_search"), placeholder: say("legend_search"), autocomplete: "off", value: typed,
      oninput: ({ currentTarget }) => {
        this.words = (currentTarget as HTMLInputElement).value.trim();
        this.again();
      },
    });
    const told = this.words === "" ? "" : found.length > 0 ? say("legend_found", { count: found.length }) : say("legend_none", { words: this.words });
    patchChildren(into, [
      h("summary", {}, say("legend")),
      h("div", { class: "legend-search" }, box, h("small", { role: "status" }, told)),
      ...grouped(groups, found).map(([group, below]) => this.group(group, below, about, host)),
    ]);
  }

  private group({ id, title }: Group, layers: Layer[], about: Shown, host: LegendHost): HTMLElement {
    const { shown, zoom, language, say } = about;
    const on = layers.filter((layer) => shown.has(layer.id));
    const live = on.some((layer) => zoom >= layer.min_zoom && host.present(layer).size > 0);
    // Once something is there it stays unfolded: what is read does not move away.
    if (live && !this.unfolded.has(id)) this.unfolded.set(id, true);
    const open = this.words !== "" || (this.unfolded.get(id) ?? false);
    const fold = (event: Event): void => {
      event.preventDefault();
      if (this.words !== "") return;
      this.unfolded.set(id, !open);
      this.again();
    };
    return h(
      "details",
      { class: "legend-group", "data-key": `legend-group-${id}`, "data-group": id, "data-on": String(on.length > 0), open },
      h("summary", { "data-focus": `legend-group-${id}`, onclick: fold }, title[language], " ", h("small", {}, say("legend_on", { on: on.length, all: layers.length }))),
      ...layers.map((layer) => drawLayer(layer, about, { ...host, onToggle: (switched, to) => {
        this.unfolded.set(id, true);
        host.onToggle(switched, to);
      } })),
    );
  }
}

/** The layers below each heading, in the headings' order; what names none stands below the last. */
export function grouped(groups: Group[], layers: Layer[]): [Group, Layer[]][] {
  const last = groups.at(-1)?.id;
  const of = (layer: Layer): string | undefined => (groups.some(({ id }) => id === layer.group) ? layer.group : last);
  return groups.map((group): [Group, Layer[]] => [group, layers.filter((layer) => of(layer) === group.id)]).filter(([, below]) => below.length > 0);
}

/** Whether each word is in the layer's title or in what its classes are called, in either language. */
export function isCalled({ title, classes }: Layer, words: string): boolean {
  const plain = (text: string): string => text.normalize("NFKC").toLowerCase();
  const names = plain([title, ...classes.map(({ label }) => label)].flatMap(({ ja, en }) => [ja, en]).join("\n"));
  return plain(words).split(/\s+/).every((word) => names.includes(word));
}

function drawLayer(layer: Layer, { shown, zoom, language, say }: Shown, host: LegendHost): HTMLElement {
  const on = shown.has(layer.id);
  const box = h("input", {
    type: "checkbox",
    checked: on,
    "data-focus": `legend-${layer.id}`,
    onchange: ({ currentTarget }) => host.onToggle(layer, (currentTarget as HTMLInputElement).checked),
  });
  const single = layer.classes.filter((c) => c.colour !== "").length === 1;
  // Steps are read against each other: a legend is whole, or, with nothing on the map, only a title.
  const visible = layer.board?.open || host.present(layer).size > 0 ? layer.classes.filter(({ colour }) => colour !== "") : [];
  return h(
    "div",
    { class: "legend-layer", "data-on": String(on) },
    h("label", {}, box, single && sign(layer), layer.title[language]),
    zoom < layer.min_zoom && on && h("small", {}, say("zoom_in")),
    on && layer.shape === "grid" && drawTold(layer, say, host),
    !single &&
      visible.length > 0 &&
      on &&
      h("ul", { class: visible.length > MANY ? "many" : undefined }, ...visible.map((c) => h("li", {}, swatch(c.colour, c.ink, c.pattern, layer.shape), c.label[language]))),
  );
}

/** How old a grid is, and the way there: one of some kilometres is not found on a map of the country. */
function drawTold(layer: Layer, say: Say, host: LegendHost): HTMLElement {
  const told = host.told(layer);
  if (!told) return h("small", {}, say("no_grid"));
  const { at, box, scores } = told;
  const now = new Date();
  return h(
    "span",
    { class: "legend-told" },
    h("time", { datetime: at.toISOString() }, say("grid_of", { time: clock(at, now), age: age(at, now, say) })),
    box && h("button", { type: "button", "data-focus": `look-${layer.id}`, onclick: () => host.onLook(box) }, say("look_there")),
    ...scores.map(({ lead_min, csi, csi_persistence }) => h("span", {}, say("score_of", { minutes: lead_min, csi: csi!.toFixed(2), still: csi_persistence?.toFixed(2) ?? "–" }))),
  );
}

function sign(layer: Layer): HTMLElement {
  const c = layer.classes.find(({ colour }) => colour !== "")!;
  return swatch(c.colour, c.ink, c.pattern, layer.shape);
}
