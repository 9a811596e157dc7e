/** From a declared layer to MapLibre's layers. Pure: no map, no document. */
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { classOf, nameOf } from "./classes.ts";
import { labelPoint } from "./geo.ts";
import { patternName, symbolName } from "./symbols.ts";
import type { Class, Feature, Language, Layer } from "./types.ts";

/** What of a feature goes to the map: its class, name and key; the rest stays with the page. */
export interface Drawn {
  type: "Feature";
  geometry: NonNullable<Feature["geometry"]>;
  properties: { rank: number; name: string; key: string };
}

/** The features that a layer draws. */
export function drawn(layer: Layer, features: Iterable<Feature>, language: Language): Drawn[] {
  const found: Drawn[] = [];
  for (const feature of features) {
    const rank = classOf(layer, feature);
    if (!feature.geometry || !layer.classes[rank]?.colour) continue;
    const name = nameOf(layer, feature, language);
    found.push({ type: "Feature", geometry: feature.geometry, properties: { rank, name, key: feature.id } });
  }
  return found;
}

/** The names of what an area layer draws, one point each. */
export function labelled(features: Drawn[]): Drawn[] {
  return features.flatMap((feature) => {
    const coordinates = labelPoint(feature.geometry);
    return coordinates ? [{ ...feature, geometry: { type: "Point" as const, coordinates } }] : [];
  });
}

/** Whether a layer's names stand at points of their own. */
export function hasNames(layer: Layer): boolean {
  return (layer.shape === "area" || layer.shape === "line") && layer.label_zoom !== null;
}

export const labelSource = (layer: Layer): string => `names-${layer.id}`;
export const sourceName = (layer: Layer): string => `layer-${layer.id}`;

/** MapLibre's layers for one declared layer (none if it is only listed); the first answers to the pointer. */
export function styleOf(layer: Layer): LayerSpecification[] {
  if (layer.shape === "none") return [];
  const shared = { source: sourceName(layer), minzoom: layer.min_zoom };
  const id = sourceName(layer);
  const found: LayerSpecification[] = [];
  if (layer.shape === "area") found.push(...areas(layer, id, shared));
  else if (layer.shape === "line") {
    found.push({ ...shared, id, type: "line", paint: { "line-color": byClass(layer, paint), "line-width": 1.5 } });
  } else if (layer.shape === "circle") {
    found.push({
      ...shared,
      id,
      type: "circle",
      layout: { "circle-sort-key": ["-", 0, ["get", "rank"]] },
      paint: {
        "circle-color": byClass(layer, paint),
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 5, layer.size_px * 0.7, 12, layer.size_px * 1.3],
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1.2,
      },
    });
  } else {
    found.push({
      ...shared,
      id,
      type: "symbol",
      layout: {
        "icon-image": byClass(layer, (c) => symbolName(layer.shape, c.colour)),
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "symbol-sort-key": ["-", 0, ["get", "rank"]],
      },
    });
  }
  if (layer.label_zoom !== null) found.push(labels(layer, layer.label_zoom));
  return found;
}

function areas(layer: Layer, id: string, shared: { source: string; minzoom: number }): LayerSpecification[] {
  const patterned = layer.classes.flatMap((c, rank) => (c.pattern ? [rank] : []));
  const sort: { "fill-sort-key": ExpressionSpecification } = { "fill-sort-key": ["-", 0, ["get", "rank"]] };
  const found: LayerSpecification[] = [
    { ...shared, id, type: "fill", layout: sort, paint: { "fill-color": byClass(layer, paint), "fill-opacity": 0.88 } },
  ];
  if (patterned.length > 0) {
    found.push({
      ...shared,
      id: `${id}-pattern`,
      type: "fill",
      layout: sort,
      filter: ["in", ["get", "rank"], ["literal", patterned]],
      paint: { "fill-pattern": byClass(layer, (c) => patternName(c.pattern || "lines", c.ink)) },
    });
  }
  found.push({
    ...shared,
    id: `${id}-edge`,
    type: "line",
    paint: { "line-color": "#3d4a59", "line-opacity": 0.7, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.4, 10, 1.4] },
  });
  return found;
}

function labels(layer: Layer, minzoom: number): LayerSpecification {
  return {
    source: hasNames(layer) ? labelSource(layer) : sourceName(layer),
    id: `${sourceName(layer)}-label`,
    type: "symbol",
    minzoom: Math.max(minzoom, layer.min_zoom),
    layout: {
      "text-field": ["get", "name"],
      "text-size": 12,
      "text-padding": 4,
      ...(hasNames(layer) ? {} : { "text-anchor": "top" as const, "text-offset": [0, 0.7] as [number, number] }),
      "symbol-sort-key": ["get", "rank"],
    },
    paint: { "text-color": "#14202e", "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.6 },
  };
}

/** An expression that gives each class its value. */
function byClass(layer: Layer, value: (c: Class) => string): ExpressionSpecification {
  const cases = layer.classes.slice(0, -1).flatMap((c, rank) => [rank, value(c)]);
  const last = value(layer.classes.at(-1)!);
  // One class needs no choice, and "match" needs at least one case.
  if (cases.length === 0) return ["to-string", last];
  return ["match", ["get", "rank"], ...cases, last] as unknown as ExpressionSpecification;
}

/** A class without a colour draws nothing; the map wants a colour for it all the same. */
function paint(found: Class): string {
  return found.colour || "rgba(0,0,0,0)";
}
