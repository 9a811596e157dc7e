/** What the map consists of: sources and drawn layers, from what is declared. */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import basemap from "virtual:basemap";
import { drawnFrom, hasNames, labelSource, sourceName, styleOf } from "./style.ts";
import { everywhere, picturePath, REAL, tilesPath } from "./tiles.ts";
import type { Layer, View } from "./types.ts";

/** Whether a layer's shapes come in tiles. */
export const tiled = (layer: Layer): boolean => ["tiles", "outlines"].includes(drawnFrom(layer));

function sources(layers: Layer[], view: View): Record<string, SourceSpecification> {
  const empty = { type: "FeatureCollection" as const, features: [] };
  const found: Record<string, SourceSpecification> = {};
  for (const layer of layers) {
    if (tiled(layer)) {
      const source = (status: View["status"]): SourceSpecification => ({
        type: "vector",
        tiles: [tilesPath(layer, layers, view, status)],
        maxzoom: 14,
        minzoom: Math.floor(layer.outlines ? 0 : layer.min_zoom),
      });
      found[sourceName(layer)] ??= source(view.status);
      if (everywhere(layer)) found[sourceName(layer) + REAL] ??= source("actual");
      if (hasNames(layer)) found[labelSource(layer)] = { type: "geojson", data: empty };
    } else if (drawnFrom(layer) === "pictures") {
      found[sourceName(layer)] = { type: "raster", tiles: [picturePath(layer, view, "now")], tileSize: 512, maxzoom: 11 };
    } else if (drawnFrom(layer) === "here") {
      for (const name of [sourceName(layer), ...(hasNames(layer) ? [labelSource(layer)] : [])]) found[name] = { type: "geojson", data: empty };
    }
  }
  return found;
}

/** The map's style: land and sea, then what is declared, areas below borders, symbols above, names on top. */
export function groundStyle(layers: Iterable<Layer>, view: View): StyleSpecification {
  const declared = [...layers];
  const isLabel = ({ id }: LayerSpecification): boolean => id.endsWith("-label");
  const styled = (layer: Layer): LayerSpecification[] => {
    const found = styleOf(layer, view.language);
    if (!everywhere(layer)) return found;
    const real = found.filter((l) => !isLabel(l)).map((l) => ({ ...l, id: l.id + REAL, ...("source" in l ? { source: l.source + REAL } : {}), layout: { ...l.layout, visibility: "none" } }));
    return [...(real as LayerSpecification[]), ...found];
  };
  const below = declared.filter((l) => l.shape === "area");
  // What stands by the thousand lies below what is listed: an open shelter above the designated ones.
  const above = declared.filter((l) => l.shape !== "area").toSorted((a, b) => order(b) - order(a));
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: basemap.land, tolerance: 0.2 },
      borders: { type: "geojson", data: basemap.borders },
      names: { type: "geojson", data: basemap.prefectures },
      ...sources(declared, view),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": "#cfdae4" } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": "#e6e5df", "fill-outline-color": "#a9b3bd" } },
      ...below.flatMap((l) => styled(l).filter(({ type }) => type !== "symbol")),
      {
        id: "borders",
        type: "line",
        source: "borders",
        paint: { "line-color": "#5c6773", "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.6, 9, 1.4], "line-dasharray": [3, 2] },
      },
      {
        id: "prefectures",
        type: "symbol",
        source: "names",
        minzoom: 5.4,
        maxzoom: 8.5,
        layout: { "text-field": ["get", view.language], "text-size": 12, "text-letter-spacing": 0.08 },
        paint: { "text-color": "#44505d", "text-halo-color": "rgba(255,255,255,0.85)", "text-halo-width": 1.4 },
      },
      ...above.flatMap((l) => styled(l).filter((l) => !isLabel(l))),
      ...declared.flatMap((l) => styled(l).filter(isLabel)),
    ],
  };
}

/** Pictures lie below all symbols. */
const order = (layer: Layer): number => (layer.shape === "grid" ? 2 : Number(layer.tiles));
