/** The legend, which is also where layers are switched on and off. */
import { h, swatch } from "./dom.ts";
import type { Say } from "./text.ts";
import type { Language, Layer } from "./types.ts";

/** Beyond this many classes a legend goes in two columns. */
const MANY = 6;

export function drawLegend(
  layers: Layer[],
  shown: ReadonlySet<string>,
  present: (layer: Layer) => ReadonlySet<number>,
  zoom: number,
  language: Language,
  say: Say,
  onToggle: (layer: Layer, on: boolean) => void,
): HTMLElement[] {
  return [
    h("summary", {}, say("legend")),
    ...layers.filter(({ shape }) => shape !== "none").map((layer) => {
      const box = h("input", {
        type: "checkbox",
        checked: shown.has(layer.id),
        "data-focus": `legend-${layer.id}`,
        onchange: ({ currentTarget }) => onToggle(layer, (currentTarget as HTMLInputElement).checked),
      });
      const single = layer.classes.filter((c) => c.colour !== "").length === 1;
      const occurring = present(layer);
      // Steps are read against each other: a legend is whole, or, with nothing on the map, only a title.
      const visible = layer.board?.open || occurring.size > 0 ? layer.classes.filter(({ colour }) => colour !== "") : [];
      return h(
        "div",
        { class: "legend-layer" },
        h("label", {}, box, single && sign(layer), layer.title[language]),
        zoom < layer.min_zoom && shown.has(layer.id) && h("small", {}, say("zoom_in")),
        !single &&
          visible.length > 0 &&
          shown.has(layer.id) &&
          h("ul", { class: visible.length > MANY ? "many" : undefined }, ...visible.map((c) => h("li", {}, swatch(c.colour, c.ink, c.pattern, layer.shape), c.label[language]))),
      );
    }),
  ];
}

function sign(layer: Layer): HTMLElement {
  const c = layer.classes.find(({ colour }) => colour !== "")!;
  return swatch(c.colour, c.ink, c.pattern, layer.shape);
}
