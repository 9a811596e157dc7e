/** What the evacuation records hold, as far as the screen shows it. */
import type { Feature } from "../part.ts";

export const CASES = "response.evacuation_cases";
export const PLANS = "response.evacuation_plans";
export const SHELTERS = "response.shelter_plans";

export interface Hour {
  at: string;
  people: number;
  low: number;
  high: number;
  staff: number;
}

export interface Shelter {
  case: string;
  shelter: string;
  name: string;
  use: "open" | "reserve" | "excluded";
  why?: string;
  why_en?: string;
  prepare_at?: string;
  opens_at?: string;
  full_at?: string;
  capacity?: number;
  people?: number;
  needs_time?: number;
  hours?: Hour[];
  staff?: { name: string; name_en: string; most: number; shifts: number; basis: string; certainty: string }[];
  goods?: { name: string; name_en: string; quantity: number; unit: string; basis: string; certainty: string }[];
  origins?: { block: string; people: number; minutes: number }[];
  edits?: string[];
}

export interface Plan {
  title: string;
  state: "draft" | "confirmed" | "revised";
  starts_at: string;
  hours: number;
  people: number;
  people_low: number;
  people_high: number;
  planned: number;
  unplaced: number;
  by_car: number;
  open_shelters: number;
  staff_most: number;
  minutes?: number;
  notes?: string[];
  notes_en?: string[];
  changes?: string[];
  changes_en?: string[];
  confirmed_by?: string;
  confirmed_at?: string;
  based_on: string;
  parameters: string;
  uncertainty: string;
  uncertainty_en: string;
  limits: string;
  limits_en: string;
}

export const planOf = (item: Feature): Plan => item.properties as unknown as Plan;
export const shelterOf = (item: Feature): Shelter => item.properties as unknown as Shelter;

/** By when it opens, then by name; those that do not open come last. */
export function inOrder(one: Feature, other: Feature): number {
  const [a, b] = [shelterOf(one), shelterOf(other)];
  return (a.opens_at ?? "~").localeCompare(b.opens_at ?? "~") || a.name.localeCompare(b.name, "ja");
}
