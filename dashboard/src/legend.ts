/** The legend, which is also where layers are switched on and off. */
import { h, swatch } from "./dom.ts";
import type { Say } from "./text.ts";
import type { Language, Layer } from "./types.ts";

export function drawLegend(
  layers: Layer[],
  shown: ReadonlySet<string>,
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
      const visible = layer.classes.filter((c) => c.colour !== "");
      const single = visible.length === 1;
      return h(
        "div",
        { class: "legend-layer" },
        h("label", {}, box, single && sign(layer, 0), layer.title[language]),
        zoom < layer.min_zoom && shown.has(layer.id) && h("small", {}, say("zoom_in")),
        !single &&
          shown.has(layer.id) &&
          h("ul", {}, ...visible.map((c) => h("li", {}, swatch(c.colour, c.ink, c.pattern, layer.shape), c.label[language]))),
      );
    }),
  ];
}

function sign(layer: Layer, index: number): HTMLElement {
  const c = layer.classes.filter(({ colour }) => colour !== "")[index]!;
  return swatch(c.colour, c.ink, c.pattern, layer.shape);
}
