/** Which is nearest: distances from a place that the reader has in view. */
import type { Areas } from "./areas.ts";
import type { Picked } from "./card.ts";
import { nameOf } from "./classes.ts";
import { labelPoint } from "./geo.ts";
import type { Feature, View } from "./types.ts";

/** Where distances are measured from, and what that place is called. */
export interface Here {
  point: [lon: number, lat: number];
  name: string;
}

/** Mean radius of the earth [km], IUGG 1980 (Moritz 2000, Geodetic Reference System 1980). */
const RADIUS_KM = 6371.0088;

/** Great-circle distance [km] by the haversine formula; undefined for what has no place. */
export function distance(here: Here, feature: Feature): number | undefined {
  const there = feature.geometry ? labelPoint(feature.geometry) : undefined;
  if (!there) return undefined;
  const rad = Math.PI / 180;
  const [lon, lat] = there as [number, number];
  const dLat = (lat - here.point[1]) * rad;
  const dLon = (lon - here.point[0]) * rad;
  const a = Math.sin(dLat / 2) ** 2 + Math.cos(lat * rad) * Math.cos(here.point[1] * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** The nearest first; what has no place comes last. */
export function byDistance(features: Feature[], here: Here): Feature[] {
  const far = (f: Feature): number => distance(here, f) ?? Infinity;
  return features.toSorted((a, b) => far(a) - far(b));
}

export function kilometres(km: number): string {
  return `${km < 10 ? km.toFixed(1) : Math.round(km)} km`;
}

/** The place that the reader has in view: the open card's, else the chosen municipality's. */
export async function placeOf(picked: Picked | undefined, view: View, areas: Areas): Promise<Here | null> {
  const outlined = picked && picked.layer.outlines !== "";
  const code = outlined ? picked.feature.id : picked ? null : view.area;
  const place = code === null ? picked?.feature : await areas.feature(code, view);
  const point = place?.geometry ? labelPoint(place.geometry) : undefined;
  if (!point) return null;
  const name = code === null ? nameOf(picked!.layer, picked!.feature, view.language) : areas.name(code, view.language);
  return { point: [point[0]!, point[1]!], name };
}
