/** Where a layer's vector tiles are: with clusters, of one status and moment. */
import { viewQuery } from "./api.ts";
import type { Layer, View } from "./types.ts";

/**
 * The tiles' address with places for zoom, row and column; a tile holds one status. Layers that fill
 * outlines take the outlines' own tiles, and beside an exercise's own those of the real country.
 */
export function tilesPath(layer: Layer, layers: Iterable<Layer>, view: View, status: View["status"] = view.status): string {
  const own = layer.outlines === "" ? layer : [...layers].find(({ collection, tiles }) => tiles && collection === layer.outlines);
  const collection = layer.outlines || layer.collection;
  // Outlines are today's: what was known of a warning then is drawn upon them.
  const asOf = own?.reference ?? layer.outlines !== "" ? null : view.asOf;
  const query = new URLSearchParams(viewQuery({ ...view, status, asOf }));
  if (own?.filter) query.set("filter", own.filter);
  const text = query.toString();
  const base = typeof document === "undefined" ? "/" : new URL("./", document.baseURI).href;
  return `${base}collections/${encodeURIComponent(collection)}/tiles/WebMercatorQuad/{z}/{y}/{x}${text ? `?${text}` : ""}`;
}

/** Where the pictures of a grid at a moment are. */
export function picturePath(layer: Layer, view: View, moment: string): string {
  const query = new URLSearchParams({ ...viewQuery(view), datetime: moment, layer: layer.id });
  const base = typeof document === "undefined" ? "/" : new URL("./", document.baseURI).href;
  return `${base}collections/${encodeURIComponent(layer.collection)}/map/tiles/WebMercatorQuad/{z}/{y}/{x}?${query}`;
}

/** Ends the names of what is drawn from the real country's tiles beside an exercise's own. */
export const REAL = "+actual";

/** Whether a layer's outlines hold in every status. */
export function everywhere(layer: Layer): boolean {
  return layer.outlines !== "" || (layer.tiles && layer.reference);
}
