import { expect, test } from "vitest";
import { appearing } from "../src/classes.ts";
import { grouped, isCalled } from "../src/legend.ts";
import { aLayer } from "./layers.ts";

const groups = ["warnings", "water", "other"].map((id) => ({ id, title: { ja: id, en: id } }));

test("layers stand below their headings, in the headings' order; of none that is known: below the last", () => {
  const layers = [aLayer({ id: "a", group: "water" }), aLayer({ id: "b", group: "" }), aLayer({ id: "c", group: "warnings" }), aLayer({ id: "d", group: "water" })];
  const found = grouped(groups, layers).map(([{ id }, below]) => [id, below.map((layer) => layer.id)]);
  expect(found).toEqual([["warnings", ["c"]], ["water", ["a", "d"]], ["other", ["b"]]]);
});

test("a heading with nothing below it is not drawn", () => {
  expect(grouped(groups, [aLayer({ group: "water" })]).map(([{ id }]) => id)).toEqual(["water"]);
});

test("a layer is found by each word of its title or classes, in either language, of whatever width", () => {
  const depth = aLayer({ title: { ja: "浸水深の推定(センサー)", en: "Depth from sensors" }, classes: [] });
  for (const words of ["", "浸水", "浸水 センサー", "浸水　ｾﾝｻｰ", "DEPTH", "sensors depth"]) expect(isCalled(depth, words), words).toBe(true);
  for (const words of ["津波", "浸水 津波"]) expect(isCalled(depth, words), words).toBe(false);
  expect(isCalled(aLayer(), "級2")).toBe(true);
});

test("what sensors tell takes the place of what was computed beforehand, never that of the reader's choice", () => {
  const [sensors, computed, plain] = [aLayer({ id: "depths", appears: "wet" }), aLayer({ id: "computed", appears: "deepest_m" }), aLayer({ id: "levels" })];
  const all = [sensors, computed, plain] as const;
  const asked = (layer: (typeof all)[number], shown: string[], chosen: string[] = []): string[] | undefined =>
    appearing(layer, [...all], new Set(shown), new Set(chosen))?.off.map(({ id }) => id);
  expect(asked(sensors, ["levels"])).toEqual([]);
  expect(asked(sensors, ["levels", "computed"])).toEqual(["computed"]);
  expect(asked(sensors, ["computed"], ["computed"])).toBeUndefined();
  expect(asked(computed, ["depths"])).toBeUndefined();
  expect(asked(sensors, [], ["depths"])).toBeUndefined();
  expect(asked(plain, [])).toBeUndefined();
});
