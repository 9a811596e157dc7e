import { expect, test } from "vitest";
import { itemsPath, streamPath } from "../src/api.ts";
import { groups, matches } from "../src/board.ts";
import { chartWords, stepsAhead } from "../src/chart.ts";
import { classOf, isIn, isOffered, nameOf } from "../src/classes.ts";
import { underView } from "../src/dock.ts";
import { fieldText } from "../src/fields.ts";
import { boxAround, labelPoint } from "../src/geo.ts";
import { drawn, filled, namedOnce, styleOf } from "../src/style.ts";
import { speaker } from "../src/text.ts";
import { tilesPath } from "../src/tiles.ts";
import type { Chart, Field, View } from "../src/types.ts";
import { readView, writeView } from "../src/view.ts";
import { aClass, aFeature, aLayer } from "./layers.ts";

const PLAIN: View = { status: "actual", asOf: null, language: "ja", area: null, part: null };
const reading = (language: "ja" | "en") => ({ language, say: speaker(language), now: new Date("2026-11-21T13:00:00Z") });

test("the plain address asks for what is actual, now, and says so by saying nothing", () => {
  expect(readView("")).toEqual(PLAIN);
  expect(writeView(PLAIN)).toBe("");
  expect(itemsPath(aLayer({ filter: "" }), PLAIN)).toBe("collections/hazards.levels/items?f=json&limit=1000");
});

test("a view survives its address", () => {
  const view: View = { status: "exercise", asOf: "2024-01-01T07:10:00Z", language: "en", area: "1720200", part: "hq" };
  expect(readView(writeView(view))).toEqual(view);
  expect(readView("?status=nonsense&as-of=yesterday&lang=fr")).toEqual(PLAIN);
});

test("status and moment go with every question", () => {
  const view: View = { ...PLAIN, status: "exercise", asOf: "2024-01-01T07:10:00Z" };
  const query = new URLSearchParams(itemsPath(aLayer(), view).split("?")[1]);
  expect(query.get("status")).toBe("exercise");
  expect(query.get("as-of")).toBe("2024-01-01T07:10:00Z");
  expect(streamPath({ ...PLAIN, status: "exercise" }, ["a", "b"])).toBe("changes/stream?status=exercise&collections=a%2Cb%2Coperations.expiries");
});

test("changed keys are asked for together with the layer's own filter, quotes doubled", () => {
  const path = itemsPath(aLayer(), PLAIN, { keys: ["1720200", "o'clock"] });
  const query = new URLSearchParams(path.split("?")[1]);
  expect(query.get("filter")).toBe("(level > 0) AND (id IN ('1720200','o''clock'))");
});

test("a layer of recent events asks for its days before the moment that is shown", () => {
  const path = itemsPath(aLayer({ days: 7 }), { ...PLAIN, asOf: "2024-01-08T00:00:00Z" });
  expect(new URLSearchParams(path.split("?")[1]).get("datetime")).toBe("2024-01-01T00:00:00Z/..");
});

test("a value without a class of its own falls into the class for all others, if there is one", () => {
  const layer = aLayer();
  expect(classOf(layer, aFeature("a", { level: 2 }))).toBe(1);
  expect(classOf(layer, aFeature("a", { level: 9 }))).toBe(-1);
  const open = aLayer({ classes: [aClass(true, "#00ff00"), aClass(null, "#cccccc")], property: "open" });
  expect(classOf(open, aFeature("a", { open: true }))).toBe(0);
  expect(classOf(open, aFeature("a", { open: "true" }))).toBe(1);
});

test("lists go from the gravest class down, the newest first, and leave out what is not drawn", () => {
  const features = [
    aFeature("old", { level: 2, start: "2026-11-21T00:00:00Z" }),
    aFeature("calm", { level: 0 }),
    aFeature("new", { level: 2, start: "2026-11-21T09:00:00Z" }),
    aFeature("grave", { level: 4, start: "2026-11-20T00:00:00Z" }),
  ];
  expect(groups(aLayer(), features).map(({ index, rows }) => [index, rows.map((r) => r.id)])).toEqual([
    [0, ["grave"]],
    [1, ["new", "old"]],
  ]);
});

test("a name falls back from English to Japanese to the key", () => {
  const layer = aLayer();
  expect(nameOf(layer, aFeature("1", { area_name: "七尾市", area_name_en: "Nanao" }), "en")).toBe("Nanao");
  expect(nameOf(layer, aFeature("1", { area_name: "七尾市" }), "en")).toBe("七尾市");
  expect(nameOf(layer, aFeature("1", {}), "ja")).toBe("1");
  expect(matches(layer, aFeature("1", { area_name: "七尾市" }), "七尾", reading("ja"))).toBe(true);
  expect(matches(layer, aFeature("1", { area_name: "七尾市" }), "輪島", reading("ja"))).toBe(false);
});

test("coded values get words, lists are joined, English may read another property", () => {
  const plain = { label: { ja: "", en: "" }, unit: "", fields: [], words: {}, name_en: "" };
  const kind: Field = { ...plain, name: "kind_name", name_en: "hazard", kind: "text", words: { rain: { ja: "大雨", en: "heavy rain" } } };
  const list: Field = { ...plain, name: "in_force", kind: "list", fields: [kind] };
  const properties = { in_force: [{ kind_name: "大雨警報", hazard: "rain" }, { kind_name: "雷注意報", hazard: "thunder" }] };
  expect(fieldText(list, properties, reading("ja"))).toBe("大雨警報・雷注意報");
  expect(fieldText(list, properties, reading("en"))).toBe("heavy rain, thunder");
  expect(fieldText({ ...plain, name: "level_m", kind: "number", unit: "m" }, { level_m: 1.5 }, reading("ja"))).toBe("1.5 m");
  expect(fieldText({ ...plain, name: "missing", kind: "text" }, {}, reading("ja"))).toBe("");
});

test("a layer of one status is offered beside that status alone", () => {
  const injects = aLayer({ status: "exercise" });
  expect([isOffered(injects, PLAIN), isOffered(injects, { ...PLAIN, status: "exercise" }), isOffered(aLayer(), PLAIN)]).toEqual([false, true, true]);
});

test("only what has a place and a colour is drawn", () => {
  const place = { type: "Point" as const, coordinates: [137, 37] };
  const features = [
    { ...aFeature("a", { level: 4 }), geometry: place },
    { ...aFeature("b", { level: 0 }), geometry: place },
    aFeature("c", { level: 4 }),
  ];
  expect(drawn(aLayer(), features, "ja").map(({ properties }) => properties)).toEqual([{ rank: 0, name: "a", key: "a" }]);
});

test("every shape has a layer that answers to the pointer under the source's own name", () => {
  for (const shape of ["area", "line", "circle", "square", "diamond", "triangle", "mountain"] as const) {
    const found = styleOf(aLayer({ shape }));
    expect(found[0]?.id).toBe("layer-levels");
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  }
  expect(styleOf(aLayer({ shape: "none" }))).toEqual([]);
  expect(styleOf(aLayer({ shape: "area" })).map(({ id }) => id)).toContain("layer-levels-pattern");
});

test("a name stands in the middle of the largest part", () => {
  const square = (x: number, size: number) => [[[x, 0], [x + size, 0], [x + size, size], [x, size], [x, 0]]];
  const islands = { type: "MultiPolygon" as const, coordinates: [square(0, 1), square(10, 4)] };
  expect(labelPoint(islands)).toEqual([12, 2]);
  expect(boxAround([{ ...aFeature("a", {}), geometry: islands }])).toEqual([0, 0, 14, 4]);
  expect(boxAround([aFeature("a", {})])).toBeUndefined();
});

test("a municipality's view holds what is in it and what concerns everywhere", () => {
  const layer = aLayer({ area: "area_code" });
  expect(isIn(layer, aFeature("a", { area_code: "1720200" }), "1720200")).toBe(true);
  expect(isIn(layer, aFeature("a", { area_code: "1720400" }), "1720200")).toBe(false);
  expect(isIn(layer, aFeature("a", { area_code: "1720400" }), null)).toBe(true);
  expect(isIn(aLayer(), aFeature("a", {}), "1720200")).toBe(true);
  const rivers = aLayer({ area: "inundations.city_code" });
  const river = aFeature("a", { inundations: [{ city_code: "1" }, { city_code: "2" }] });
  expect(isIn(rivers, river, "2")).toBe(true);
  expect(isIn(rivers, river, "3")).toBe(false);
  expect(isIn(rivers, aFeature("a", {}), "3")).toBe(false);
});

test("numbers fall into the gravest step that they reach", () => {
  const step = (at_least: number) => ({ ...aClass(null, "#112233"), at_least });
  const layer = aLayer({ property: "crowding", classes: [step(1), step(0.8), step(0), aClass(null, "#445566")] });
  const found = [1.2, 1, 0.85, 0.1, null].map((crowding) => classOf(layer, aFeature("a", { crowding })));
  expect(found).toEqual([0, 0, 1, 2, 3]);
});

test("outlines are filled by key in their class's colour, and nothing else is", () => {
  const layer = aLayer({ outlines: "areas" });
  const { filters, colour } = filled(layer, [aFeature("1", { level: 4 }), aFeature("2", { level: 2 }), aFeature("3", { level: 0 })]);
  expect(filters["layer-levels"]).toEqual(["in", ["get", "id"], ["literal", ["1", "2"]]]);
  expect(filters["layer-levels-pattern-0"]).toEqual(["in", ["get", "id"], ["literal", ["1"]]]);
  expect(colour).toEqual(["match", ["get", "id"], ["1"], "#aa00aa", ["2"], "#f2e700", "rgba(0,0,0,0)"]);
  expect(filled(layer, []).colour).toBe("rgba(0,0,0,0)");
});

test("tiles are of one status and moment; outlines are today's, with the filter of those who draw them", () => {
  const view: View = { ...PLAIN, status: "exercise", asOf: "2024-01-01T07:10:00Z" };
  const sites = aLayer({ id: "sites", collection: "response.sites", tiles: true, filter: "" });
  expect(tilesPath(sites, [], view)).toBe(
    "/collections/response.sites/tiles/WebMercatorQuad/{z}/{y}/{x}?status=exercise&as-of=2024-01-01T07%3A10%3A00Z",
  );
  const areas = aLayer({ id: "areas", collection: "areas", tiles: true, reference: true, filter: "kind = 'municipality'" });
  const path = tilesPath(aLayer({ outlines: "areas" }), [areas], view, "actual");
  expect(path).toBe("/collections/areas/tiles/WebMercatorQuad/{z}/{y}/{x}?filter=kind+%3D+%27municipality%27");
});

test("a part's question carries the view's status and moment, unless it names its own", () => {
  const view: View = { ...PLAIN, status: "exercise", asOf: "2024-01-01T07:10:00Z" };
  expect(underView("reports/a?f=pdf", view)).toBe("reports/a?f=pdf&status=exercise&as-of=2024-01-01T07%3A10%3A00Z");
  expect(underView("reports/a?status=actual", { ...view, asOf: null })).toBe("reports/a?status=actual");
  expect(underView("me", PLAIN)).toBe("me");
});

test("a chart says the level, where it goes and how far the next threshold is", () => {
  const chart: Chart = {
    collection: "hazards.river_levels",
    series: "series",
    unit: "m",
    hours: 12,
    forecast: "",
    thresholds: [
      { name: "danger_m", label: { ja: "氾濫危険", en: "danger" }, colour: "#aa00aa" },
      { name: "caution_m", label: { ja: "氾濫注意", en: "caution" }, colour: "#b59f00" },
    ],
  };
  const gauge = aFeature("a", { danger_m: 2.6, caution_m: 1.8 });
  const at = (minutes: number): number => Date.UTC(2026, 10, 21) + minutes * 60_000;
  expect(chartWords(chart, gauge, [[at(0), 1], [at(60), 1.5]], reading("ja"))).toBe("1.50 m ↑  氾濫注意まで 0.30 m");
  expect(chartWords(chart, gauge, [[at(0), 2], [at(60), 2]], reading("en"))).toBe("2.00 m →  0.60 m below danger");
  expect(chartWords(chart, gauge, [[at(0), 3], [at(60), 2.9]], reading("en"))).toBe("2.90 m ↓");
  expect(chartWords(chart, gauge, [], reading("ja"))).toBe("この期間の観測値はありません");
});

test("of a forecast only what is still to come is drawn, and it begins where the gauge stands", () => {
  const at = (minutes: number): number => Date.UTC(2026, 10, 21) + minutes * 60_000;
  const step = (minutes: number, middle_m: number) => ({ at: new Date(at(minutes)).toISOString(), low_m: middle_m - 1, middle_m, high_m: middle_m + 1 });
  const forecast = aFeature("a", { steps: [step(30, 2), step(60, 3)] });
  expect(stepsAhead(forecast, [at(40), 2.5])).toEqual([
    { time: at(40), low: 2.5, middle: 2.5, high: 2.5 },
    { time: at(60), low: 2, middle: 3, high: 4 },
  ]);
  expect(stepsAhead(forecast, [at(90), 2.5])).toEqual([]);
  expect(stepsAhead(undefined, [at(0), 2.5])).toEqual([]);
  expect(stepsAhead(aFeature("a", { state: "withheld", steps: [] }), [at(0), 2.5])).toEqual([]);
});

test("a name that tiles have cut up is written once, at its largest piece", () => {
  const piece = (id: string, x: number, size: number) => ({
    properties: { id, area_name: id },
    geometry: { type: "Polygon" as const, coordinates: [[[x, 0], [x + size, 0], [x + size, size], [x, size], [x, 0]]] },
  });
  const found = namedOnce(aLayer(), [piece("a", 0, 1), piece("a", 10, 4), piece("b", 20, 2)], "ja", new Set(["b"]));
  expect(found.map(({ geometry, properties }) => [properties.name, properties.rank, geometry])).toEqual([
    ["a", 1, { type: "Point", coordinates: [12, 2] }],
    ["b", 0, { type: "Point", coordinates: [21, 1] }],
  ]);
});
