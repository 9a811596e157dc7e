/** What the API gives at /layers: see hinomi/vocabulary/layers.py, which these types mirror. */
import type { Geometry } from "geojson";

export type Language = "ja" | "en";
export type Text = Record<Language, string>;
export type Shape = "area" | "line" | "circle" | "square" | "diamond" | "triangle" | "mountain" | "grid" | "none";
export type Pattern = "" | "lines" | "cross" | "dots" | "grid";

export interface Class {
  label: Text;
  colour: string;
  value: string | number | boolean | null;
  at_least: number | null;
  short: Text | null;
  ink: string;
  pattern: Pattern;
}

export interface Field {
  name: string;
  name_en: string;
  label: Text;
  kind: "text" | "number" | "time" | "flag" | "list" | "share";
  unit: string;
  words: Record<string, Text>;
  fields: Field[];
}

export interface Chart {
  collection: string;
  series: string;
  unit: string;
  hours: number;
  thresholds: { name: string; label: Text; colour: string }[];
  /** The layer whose features say under the same keys what comes next; "" for none. */
  forecast: string;
}

export interface Board {
  title: Text;
  empty: Text;
  since: string;
  fields: Field[];
  happens: boolean;
  open: boolean;
  slim: boolean;
  local: boolean;
  first: boolean;
  chart: Chart | null;
}

/** A heading of the legend. */
export interface Group {
  id: string;
  title: Text;
}

export interface Layer {
  id: string;
  collection: string;
  title: Text;
  shape: Shape;
  /** The heading of the legend that it stands below; one that `/layers` does not name: the last. */
  group: string;
  classes: Class[];
  property: string;
  name: Text;
  fields: Field[];
  filter: string;
  days: number | null;
  reference: boolean;
  area: string;
  outlines: string;
  tiles: boolean;
  min_zoom: number;
  size_px: number;
  label_zoom: number | null;
  shown: boolean;
  /** Off at the start; switched on once this number of its newest statement is above 0. */
  appears: string;
  /** Where a thing's own picture is, with `{key}` for its key; "" where there is none. */
  picture: string;
  /** Offered beside statements of this status alone; "" beside all. */
  status: "" | View["status"];
  board: Board | null;
  credit: string;
}

export interface Feature {
  type: "Feature";
  id: string;
  properties: Record<string, unknown>;
  geometry: Geometry | null;
}

/** What the address asks for: whose statements, of which moment and place, in which language. */
export interface View {
  status: "actual" | "exercise" | "test";
  asOf: string | null;
  language: Language;
  /** Code of the municipality that everything is narrowed to; null is everywhere. */
  area: string | null;
  /** Which part is open beside the map (`hq`, `drill`); null is none. */
  part: string | null;
}

export type BBox = [west: number, south: number, east: number, north: number];
