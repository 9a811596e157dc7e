/** A small declared layer, as /layers gives it, for the tests. */
import type { Class, Feature, Layer } from "../src/types.ts";

export function aClass(value: Class["value"], colour: string, pattern: Class["pattern"] = ""): Class {
  return { value, at_least: null, colour, pattern, label: { ja: `級${value}`, en: `class ${value}` }, short: null, ink: "#000000" };
}

export function aLayer(change: Partial<Layer> = {}): Layer {
  return {
    id: "levels",
    collection: "hazards.levels",
    title: { ja: "警戒レベル", en: "Levels" },
    shape: "area",
    group: "warnings",
    classes: [aClass(4, "#aa00aa", "cross"), aClass(2, "#f2e700"), aClass(0, "")],
    property: "level",
    name: { ja: "area_name", en: "area_name_en" },
    fields: [],
    filter: "level > 0",
    days: null,
    area: "",
    outlines: "",
    tiles: false,
    reference: false,
    min_zoom: 0,
    size_px: 5,
    label_zoom: 7,
    picture: "",
    status: "",
    shown: true,
    appears: "",
    board: { title: { ja: "一覧", en: "List" }, empty: { ja: "なし", en: "none" }, since: "start", fields: [], happens: false, open: true, slim: false, local: false,
      first: false, chart: null },
    credit: "",
    ...change,
  };
}

export function aFeature(id: string, properties: Record<string, unknown>): Feature {
  return { type: "Feature", id, properties: { said_at: "2026-11-21T00:00:00Z", ...properties }, geometry: null };
}
