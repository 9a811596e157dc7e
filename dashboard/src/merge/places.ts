/** What the API gives of merged places. */
import type { Feature } from "../types.ts";

export interface Statement {
  ref: string;
  collection: string;
  source: string;
  key: string;
  said_at: string;
  values?: Record<string, unknown>;
  probability?: number;
  evidence?: string;
}

export interface Opinion {
  ref: string;
  source: string;
  value: unknown;
  said_at: string;
}

export interface Disagreement {
  field: string;
  shown?: unknown;
  values: Opinion[];
}

export interface Doubt {
  ref: string;
  other: string;
  other_name: string;
  other_source: string;
  probability: number;
  distance_m?: number;
  evidence?: string;
}

export interface Place {
  name?: string;
  municipality?: string;
  statements?: Statement[];
  disagreements?: Disagreement[];
  doubts?: Doubt[];
  open: number;
}

export const PLACES = "response.places";
export const SETTLEMENTS = "response.settlements";

/** The collections whose statements are merged. */
export const MERGED = new Set([
  "response.sites",
  "response.shelters",
  "response.hospitals",
  "response.supply_bases",
  "response.water_points",
  "response.roads",
  "hazards.landslides",
  "hazards.levee_breaches",
  "hazards.inundation",
  "response.photos",
  PLACES,
]);

export function placeOf(feature: Feature): Place {
  return feature.properties as unknown as Place;
}
