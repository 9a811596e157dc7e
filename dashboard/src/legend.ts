/** The legend, which is also where layers are switched on and off. */
import { h, swatch } from "./dom.ts";
import type { Say } from "./text.ts";
import type { Language, Layer } from "./types.ts";

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
    ...layers.map((layer) => {
      const box: HTMLInputElement = h("input", {
        type: "checkbox",
        checked: shown.has(layer.id),
        "data-focus": `legend-${layer.id}`,
        onchange: () => onToggle(layer, box.checked),
      });
      const single = layer.classes.filter((c) => c.colour !== "").length === 1;
      const occurring = present(layer);
      // A main layer's legend is whole; of the others, what is on the map now.
      const visible = layer.classes.filter((c, i) => c.colour !== "" && (layer.board?.open || occurring.has(i)));
      return h(
        "div",
        { class: "legend-layer" },
        h("label", {}, box, single && sign(layer), layer.title[language]),
        zoom < layer.min_zoom && shown.has(layer.id) && h("small", {}, say("zoom_in")),
        !single &&
          visible.length > 0 &&
          shown.has(layer.id) &&
          h("ul", {}, ...visible.map((c) => h("li", {}, swatch(c.colour, c.ink, c.pattern, layer.shape), c.label[language]))),
      );
    }),
  ];
}

function sign(layer: Layer): HTMLElement {
  const c = layer.classes.find(({ colour }) => colour !== "")!;
  return swatch(c.colour, c.ink, c.pattern, layer.shape);
}
