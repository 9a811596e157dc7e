import { expect, test } from "vitest";
import { holds, momentsOf, presentOf } from "../src/loop.ts";
import { drawnFrom, styleOf } from "../src/style.ts";
import { picturePath } from "../src/tiles.ts";
import { aFeature, aLayer } from "./layers.ts";

const seen = (at: string) => aFeature("a", { said_at: at, moments: [at] });

test("every picture that came can be played, oldest first", () => {
  expect(momentsOf([seen("2026-09-01T00:05:00Z"), seen("2026-09-01T00:00:00Z")])).toEqual(["2026-09-01T00:00:00Z", "2026-09-01T00:05:00Z"]);
});

test("of forecasts only the newest one's moments are", () => {
  const early = aFeature("a", { said_at: "2026-09-01T00:00:00Z", moments: ["2026-09-01T00:05:00Z", "2026-09-01T00:10:00Z"] });
  const late = aFeature("a", { said_at: "2026-09-01T00:05:00Z", moments: ["2026-09-01T00:10:00Z", "2026-09-01T00:15:00Z"] });
  expect(momentsOf([late, early])).toEqual(["2026-09-01T00:10:00Z", "2026-09-01T00:15:00Z"]);
});

test("a grid is drawn from pictures of one status, moment and what was known then", () => {
  const layer = aLayer({ shape: "grid", collection: "hazards.rain" });
  expect(drawnFrom(layer)).toBe("pictures");
  expect(styleOf(layer).map(({ type }) => type)).toEqual(["raster"]);
  const path = picturePath(layer, { status: "exercise", asOf: "2026-09-01T01:00:00Z", language: "ja", area: null, part: null }, "2026-09-01T00:00:00Z");
  expect(path).toBe("/collections/hazards.rain/map/tiles/WebMercatorQuad/{z}/{y}/{x}?status=exercise&as-of=2026-09-01T01%3A00%3A00Z&datetime=2026-09-01T00%3A00%3A00Z&layer=levels");
});

test("a forecast alone is opened at the last of its moments that has come, beside pictures at the newest picture", () => {
  const forecast = { moments: ["2026-09-01T00:00:00Z", "2026-09-01T00:10:00Z", "2026-09-01T00:20:00Z"], forecast: true };
  expect(presentOf([forecast], new Date("2026-09-01T00:12:00Z"))).toBe("2026-09-01T00:10:00Z");
  expect(presentOf([forecast], new Date("2026-08-31T23:00:00Z"))).toBe("2026-09-01T00:00:00Z");
  const pictures = { moments: ["2026-08-31T23:50:00Z", "2026-09-01T00:00:00Z"], forecast: false };
  expect(presentOf([forecast, pictures], new Date("2026-09-01T00:12:00Z"))).toBe("2026-09-01T00:00:00Z");
});

test("what was seen is not drawn under what is to come, nor an old forecast under what was seen", () => {
  const forecast = { moments: ["T2", "T3"], forecast: true, parameter: "depth_m" };
  const pictures = { moments: ["T0", "T1"], forecast: false, parameter: "depth_m" };
  const of = (moment: string, present: string, ...seen: string[]) => [pictures, forecast].map((grid) => holds(grid, moment, present, new Set(seen)));
  expect(of("T1", "T1", "depth_m")).toEqual([true, false]);
  expect(of("T2", "T1", "depth_m")).toEqual([false, true]);
  // A picture that came after the forecast began is of more worth than it; a picture of rain tells no depth.
  expect(of("T2", "T2", "depth_m")).toEqual([true, false]);
  expect(of("T3", "T2", "depth_m")).toEqual([false, true]);
  expect(of("T2", "T2", "rain_mm_per_h")).toEqual([true, true]);
});
