import { expect, test } from "vitest";
import { newestOf } from "../src/probe.ts";
import { placeOf, shapeOf, Views } from "../src/workbench/maps.ts";
import { changed, linkedRuns, withRuns } from "../src/workbench/runs.ts";
import { speaker } from "../src/workbench/words.ts";
import { aLayer } from "./layers.ts";

const BOUNDS = [139, 31, 140, 32] as const;

test("the address names the runs that are compared, and keeps the map's own part", () => {
  const hash = withRuns("#map=8/31.5/139.2", ["a1", "b2"]);
  expect(hash).toBe("#runs=a1,b2&map=8/31.5/139.2");
  expect(linkedRuns(hash)).toEqual(["a1", "b2"]);
  expect(withRuns(hash, [])).toBe("#map=8/31.5/139.2");
});

test("what is no key is not asked for", () => {
  expect(linkedRuns("#runs=a1,<script>,../x,b2,c,d,e")).toEqual(["a1", "b2", "c", "d"]);
  expect(linkedRuns("")).toEqual([]);
});

test("a picture's corners and middle are where its bounds are", () => {
  expect(placeOf(0, 0, [...BOUNDS])).toEqual([139, 32]);
  expect(placeOf(1, 1, [...BOUNDS])).toEqual([140, 31]);
  const [longitude, latitude] = placeOf(0.5, 0.5, [...BOUNDS]);
  expect(longitude).toBe(139.5);
  // Mercator stretches to the north: its middle is a little north of the middle latitude.
  expect(latitude).toBeGreaterThan(31.5);
  expect(latitude).toBeLessThan(31.51);
  expect(shapeOf([...BOUNDS])).toBeCloseTo(Math.cos((31.5 * Math.PI) / 180), 3);
});

test("maps cannot be moved off their ground", () => {
  const views = new Views();
  views.move(5, 5);
  expect([views.x, views.y]).toEqual([0.5, 0.5]);
  views.by(2);
  views.move(-9, 9);
  expect([views.x, views.y]).toEqual([0.75, 0.25]);
});

test("a run says in a line what it changes", () => {
  const say = speaker("ja");
  expect(changed({}, say)).toBe("変更なし");
  expect(changed({ rain_factor: 1.5, breach: [], dem: [{ by_m: 1 }] }, say)).toBe("変更: 雨150%、破堤なし、地盤+1 m");
  const gated = { breach: [{ width_m: 80, start_min: 10 }], gate: [{ crest_m: 2.5, closed_min: [[10, 40]] as [number, number][] }], manning: 0.04, hours: 2 };
  expect(changed(gated, say)).toBe("変更: 破堤 幅80 m 10分後、水門 天端2.5 m 10〜40分に閉、粗度係数0.04、2時間");
  expect(changed({ gate: [{ crest_m: 2, closed_min: [[0, 14400]] }], drain_mm_h: 30 }, speaker("en"))).toBe("Changed: gate of 2 m closed from 0 min, sewers 30 mm/h");
});

test("a probe takes the newest coverage that knows the place", () => {
  const layer = aLayer({ shape: "grid" });
  const of = (...values: (number | null)[]) => ({ domain: { axes: { t: { values: ["2026-09-01T00:00:00Z"] } } }, ranges: { depth_m: { values } } });
  const parameters = { depth_m: { unit: { symbol: "m" } } };
  expect(newestOf({ parameters, coverages: [of(1), of(2), of(null)] }, layer)?.values).toEqual([2]);
  expect(newestOf({ parameters, coverages: [of(null)] }, layer)).toBeNull();
});
