/** From a declared layer to MapLibre's layers. Pure: no map, no document. */
import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import { classOf, nameOf } from "./classes.ts";
import { boxAround, labelPoint } from "./geo.ts";
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

/** Shapes that tiles have cut into pieces get one name each, at the largest piece; those in `first` win. */
export function namedOnce(layer: Layer, pieces: { properties: Record<string, unknown>; geometry: Drawn["geometry"] }[], language: Language, first: ReadonlySet<string>): Drawn[] {
  const largest = new Map<string, { area: number; drawn: Drawn }>();
  for (const { properties, geometry } of pieces) {
    const key = String(properties["id"]);
    const box = boxAround([{ type: "Feature", id: key, properties: {}, geometry }]);
    const coordinates = labelPoint(geometry);
    if (!box || !coordinates) continue;
    const area = (box[2] - box[0]) * (box[3] - box[1]);
    if (area <= (largest.get(key)?.area ?? 0)) continue;
    const name = nameOf(layer, { type: "Feature", id: key, properties, geometry }, language);
    largest.set(key, { area, drawn: { type: "Feature", geometry: { type: "Point", coordinates }, properties: { rank: first.has(key) ? 0 : 1, name, key } } });
  }
  return [...largest.values()].map(({ drawn }) => drawn);
}

/** Where a layer's shapes come from: the page (`here`), vector tiles, or another layer's tiles that it fills. */
export function drawnFrom(layer: Layer): "here" | "tiles" | "outlines" | "pictures" | "nowhere" {
  if (layer.shape === "none") return "nowhere";
  if (layer.shape === "grid") return "pictures";
  if (layer.outlines !== "") return "outlines";
  return layer.tiles ? "tiles" : "here";
}

/** Whether a layer's names stand at points of their own. */
export function hasNames(layer: Layer): boolean {
  const parted = layer.shape === "area" || layer.shape === "line";
  return parted && layer.label_zoom !== null && drawnFrom(layer) !== "outlines" && drawnFrom(layer) !== "nowhere";
}

export const labelSource = (layer: Layer): string => `names-${layer.id}`;
export const sourceName = (layer: Layer): string => (layer.outlines === "" ? `layer-${layer.id}` : `outlines-${layer.outlines}`);
export const layerName = (layer: Layer): string => `layer-${layer.id}`;

interface Shared {
  source: string;
  minzoom: number;
  "source-layer"?: string;
}

/** MapLibre's layers for one declared layer (none if it is only listed); the first answers to the pointer. */
export function styleOf(layer: Layer, language: Language = "ja"): LayerSpecification[] {
  const from = drawnFrom(layer);
  if (from === "nowhere") return [];
  if (from === "pictures") {
    const paint = { "raster-opacity": layer.collection.includes("depth") ? 0.92 : 0.75, "raster-fade-duration": 0, "raster-resampling": "nearest" } as const;
    return [{ id: layerName(layer), type: "raster", source: sourceName(layer), layout: { visibility: "none" }, paint }];
  }
  const tiled = from === "here" ? {} : { "source-layer": layer.outlines || layer.collection };
  const shared: Shared = { source: sourceName(layer), minzoom: layer.min_zoom, ...tiled };
  const id = layerName(layer);
  const found: LayerSpecification[] = [];
  if (layer.shape === "area") found.push(...areas(layer, id, shared));
  else if (layer.shape === "line") {
    found.push({ ...shared, id, type: "line", paint: { "line-color": byClass(layer, paint), "line-width": 1.5 } });
  } else if (layer.shape === "circle") found.push(circles(layer, id, shared));
  else {
    found.push({
      ...shared,
      id,
      type: "symbol",
      ...alone(layer),
      layout: {
        "icon-image": byClass(layer, (c) => symbolName(layer.shape, c.colour)),
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "symbol-sort-key": ["-", 0, rank(layer)],
      },
    });
  }
  if (from === "tiles" && layer.shape !== "area" && layer.shape !== "line") found.push(...clusters(layer, id, shared));
  // Outlines bring their own names, once each; what fills them needs none.
  if (layer.label_zoom !== null && from !== "outlines") found.push(labels(layer, layer.label_zoom, language, hasNames(layer) ? {} : tiled));
  return found;
}

function circles(layer: Layer, id: string, shared: Shared): LayerSpecification {
  return {
    ...shared,
    id,
    type: "circle",
    ...alone(layer),
    layout: { "circle-sort-key": ["-", 0, rank(layer)] },
    paint: {
      "circle-color": byClass(layer, paint),
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 5, layer.size_px * 0.7, 12, layer.size_px * 1.3],
      "circle-stroke-color": "#ffffff",
      "circle-stroke-width": 1.2,
    },
  };
}

/** Of tiles, those that stand for one thing only. */
function alone(layer: Layer): { filter?: FilterSpecification } {
  return drawnFrom(layer) === "tiles" ? { filter: ["!", ["has", "point_count"]] } : {};
}

/** Many that lie close together: a disc that says how many. */
function clusters(layer: Layer, id: string, shared: Shared): LayerSpecification[] {
  const filter: FilterSpecification = ["has", "point_count"];
  const radius: ExpressionSpecification = ["interpolate", ["linear"], ["ln", ["get", "point_count"]], 0.7, 6, 9, 18];
  return [
    {
      ...shared,
      id: `${id}-many`,
      type: "circle",
      filter,
      paint: { "circle-color": byClass(layer, paint), "circle-opacity": 0.66, "circle-radius": radius, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.2 },
    },
    {
      ...shared,
      id: `${id}-count`,
      type: "symbol",
      filter: ["all", filter, [">", ["get", "point_count"], 9]] as unknown as FilterSpecification,
      layout: { "text-field": ["to-string", ["get", "point_count"]], "text-size": 10, "text-padding": 0 },
      paint: { "text-color": "#ffffff", "text-halo-color": "#1b2430b3", "text-halo-width": 1 },
    },
  ];
}

function areas(layer: Layer, id: string, shared: Shared): LayerSpecification[] {
  const patterned = layer.classes.flatMap((c, rank) => (c.pattern ? [rank] : []));
  const outlined = drawnFrom(layer) === "outlines";
  const sort: { "fill-sort-key"?: ExpressionSpecification } = outlined ? {} : { "fill-sort-key": ["-", 0, rank(layer)] };
  // What is filled is named once the lists are there (`filled`).
  const nothing: { filter?: FilterSpecification } = outlined ? { filter: ["boolean", false] as unknown as FilterSpecification } : {};
  const found: LayerSpecification[] = [
    { ...shared, id, type: "fill", layout: sort, ...nothing, paint: { "fill-color": outlined ? "#ffffff" : byClass(layer, paint), "fill-opacity": fading(0.88, 0.5) } },
  ];
  for (const patternRank of outlined ? patterned : []) {
    const { pattern, ink } = layer.classes[patternRank]!;
    found.push({ ...shared, id: `${id}-pattern-${patternRank}`, type: "fill", ...nothing, paint: { "fill-pattern": patternName(pattern, ink), "fill-opacity": fading(1, 0.6) } });
  }
  if (patterned.length > 0 && !outlined) {
    found.push({
      ...shared,
      id: `${id}-pattern`,
      type: "fill",
      layout: sort,
      filter: ["in", rank(layer), ["literal", patterned]],
      paint: { "fill-pattern": byClass(layer, (c) => patternName(c.pattern || "lines", c.ink)), "fill-opacity": fading(1, 0.6) },
    });
  }
  found.push({
    ...shared,
    id: `${id}-edge`,
    type: "line",
    ...nothing,
    paint: { "line-color": "#3d4a59", "line-opacity": 0.7, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.4, 10, 1.4] },
  });
  return found;
}

/** Within a town its colour is a ground for what lies on it: streets, water, sensors. */
function fading(far: number, near: number): ExpressionSpecification {
  return ["interpolate", ["linear"], ["zoom"], 9, far, 12, near];
}

/** How outlines are filled: for each of MapLibre's layers its filter, and the colour by key. */
export function filled(layer: Layer, features: Iterable<Feature>): { filters: Record<string, FilterSpecification>; colour: ExpressionSpecification | string } {
  const keys: string[][] = layer.classes.map(() => []);
  for (const feature of features) {
    const found = classOf(layer, feature);
    if (layer.classes[found]?.colour) keys[found]!.push(feature.id);
  }
  const all = keys.flat();
  const among = (codes: string[]): FilterSpecification => ["in", ["get", "id"], ["literal", codes]] as unknown as FilterSpecification;
  const id = layerName(layer);
  const filters: Record<string, FilterSpecification> = { [id]: among(all), [`${id}-edge`]: among(all) };
  layer.classes.forEach((found, index) => {
    if (found.pattern) filters[`${id}-pattern-${index}`] = among(keys[index]!);
  });
  const cases = keys.flatMap((codes, index) => (codes.length > 0 ? [codes, layer.classes[index]!.colour] : []));
  const colour = cases.length > 0 ? (["match", ["get", "id"], ...cases, "rgba(0,0,0,0)"] as unknown as ExpressionSpecification) : "rgba(0,0,0,0)";
  return { filters, colour };
}

function labels(layer: Layer, minzoom: number, language: Language, tiled: { "source-layer"?: string }): LayerSpecification {
  const points = layer.shape !== "area" && layer.shape !== "line";
  const named = hasNames(layer);
  return {
    source: named ? labelSource(layer) : sourceName(layer),
    ...tiled,
    id: `${layerName(layer)}-label`,
    type: "symbol",
    minzoom: Math.max(minzoom, layer.min_zoom),
    ...(named ? {} : alone(layer)),
    layout: {
      "text-field": nameField(layer, language),
      "text-size": 12,
      "text-padding": 4,
      ...(points ? { "text-anchor": "top" as const, "text-offset": [0, 0.7] as [number, number] } : {}),
      "symbol-sort-key": named ? ["get", "rank"] : rank(layer),
    },
    paint: { "text-color": "#14202e", "text-halo-color": "rgba(255,255,255,0.92)", "text-halo-width": 1.6 },
  };
}

/** Where a name is read from: as the page wrote it, or as it stands in the tile. */
export function nameField(layer: Layer, language: Language): ExpressionSpecification {
  if (drawnFrom(layer) === "here" || hasNames(layer)) return ["get", "name"];
  const { ja, en } = layer.name;
  return language === "en" ? ["coalesce", ["get", en], ["get", ja], ""] : ["coalesce", ["get", ja], ""];
}

/** The number of a feature's class: given by the page, or told from the property in a tile. */
function rank(layer: Layer): ExpressionSpecification {
  if (drawnFrom(layer) === "here") return ["get", "rank"];
  if (layer.property === "") return ["to-number", 0];
  const cases = layer.classes.flatMap((c, index) => (c.value === null ? [] : [["==", ["get", layer.property], c.value], index]));
  const rest = layer.classes.findIndex((c) => c.value === null);
  return cases.length === 0 ? ["to-number", 0] : (["case", ...cases, rest < 0 ? layer.classes.length - 1 : rest] as unknown as ExpressionSpecification);
}

/** An expression that gives each class its value. */
function byClass(layer: Layer, value: (c: Class) => string): ExpressionSpecification {
  const cases = layer.classes.slice(0, -1).flatMap((c, index) => [index, value(c)]);
  const last = value(layer.classes.at(-1)!);
  // One class needs no choice, and "match" needs at least one case.
  if (cases.length === 0) return ["to-string", last];
  return ["match", rank(layer), ...cases, last] as unknown as ExpressionSpecification;
}

/** A class without a colour draws nothing; the map wants a colour for it all the same. */
function paint(found: Class): string {
  return found.colour || "rgba(0,0,0,0)";
}
