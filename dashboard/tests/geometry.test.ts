import { expect, test } from "vitest";
import { around, clip, rounded, type Box, type Ring } from "../scripts/geometry.ts";
import { PREFECTURES } from "../scripts/prefectures.ts";

const SQUARE: Ring = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]];

function area(ring: Ring): number {
  return Math.abs(ring.reduce((sum, a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    return sum + (a[0] * b[1] - b[0] * a[1]) / 2;
  }, 0));
}

test("a box and what lies around it make up the whole", () => {
  const box: Box = [2, 3, 6, 8];
  const parts = [box, ...around(box)].map((b) => area(clip(SQUARE, b)));
  expect(parts[0]).toBeCloseTo(20);
  expect(parts.reduce((a, b) => a + b)).toBeCloseTo(100);
});

test("a ring outside the box is cut away whole", () => {
  expect(clip(SQUARE, [20, 20, 30, 30])).toEqual([]);
});

test("rounding drops points that fall together", () => {
  expect(rounded([[1.00001, 2], [1.00002, 2], [1.5, 2]])).toEqual([[1, 2], [1.5, 2]]);
});

test("there are 47 prefectures, each with both names", () => {
  expect(PREFECTURES).toHaveLength(47);
  expect(PREFECTURES[16]).toEqual(["石川県", "Ishikawa"]);
  expect(PREFECTURES.every(([ja, en]) => ja && en)).toBe(true);
});
