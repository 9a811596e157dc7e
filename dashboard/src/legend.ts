/** The legend, which is also where layers are switched on and off. */
import { h, swatch } from "./dom.ts";
import { boxAround } from "./geo.ts";
import type { Say } from "./text.ts";
import { age, clock, moment } from "./time.ts";
import type { BBox, Feature, Language, Layer } from "./types.ts";

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

export function drawLegend(layers: Layer[], shown: ReadonlySet<string>, zoom: number, language: Language, say: Say, host: LegendHost): HTMLElement[] {
  return [
    h("summary", {}, say("legend")),
    ...layers.filter(({ shape }) => shape !== "none").map((layer) => {
      const on = shown.has(layer.id);
      const box = h("input", {
        type: "checkbox",
        checked: on,
        "data-focus": `legend-${layer.id}`,
        onchange: ({ currentTarget }) => host.onToggle(layer, (currentTarget as HTMLInputElement).checked),
      });
      const single = layer.classes.filter((c) => c.colour !== "").length === 1;
      const occurring = host.present(layer);
      // Steps are read against each other: a legend is whole, or, with nothing on the map, only a title.
      const visible = layer.board?.open || occurring.size > 0 ? layer.classes.filter(({ colour }) => colour !== "") : [];
      return h(
        "div",
        { class: "legend-layer" },
        h("label", {}, box, single && sign(layer), layer.title[language]),
        zoom < layer.min_zoom && on && h("small", {}, say("zoom_in")),
        on && layer.shape === "grid" && drawTold(layer, say, host),
        !single &&
          visible.length > 0 &&
          on &&
          h("ul", { class: visible.length > MANY ? "many" : undefined }, ...visible.map((c) => h("li", {}, swatch(c.colour, c.ink, c.pattern, layer.shape), c.label[language]))),
      );
    }),
  ];
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
