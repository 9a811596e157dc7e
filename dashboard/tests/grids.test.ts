import { expect, test } from "vitest";
import { apart } from "../src/chart.ts";
import { toldOf } from "../src/legend.ts";
import { valueText } from "../src/probe.ts";
import type { Class } from "../src/types.ts";
import { aFeature, aLayer } from "./layers.ts";

const step = (at_least: number, ja: string): Class => ({ label: { ja, en: ja }, short: null, colour: "#112233", ink: "#000000", value: null, at_least, pattern: "" });

test("what has no unit is told by its name, a share in per cent, a depth to the centimetre", () => {
  const levels = aLayer({ classes: [step(4, "レベル4"), step(2, "レベル2"), step(0, "基準未満")] });
  expect(valueText(levels, 2, "1", "ja")).toBe("レベル2");
  const shaking = aLayer({ classes: [step(5, "震度5強"), step(4.5, "震度5弱")] });
  expect(valueText(shaking, 5.13, "1", "ja")).toBe("震度5強 (5.1)");
  const chances = aLayer({ classes: [step(0.9, "90%〜"), step(0.1, "10%〜")] });
  expect(valueText(chances, 1, "1", "ja")).toBe("100%");
  expect(valueText(chances, 0.127, "1", "ja")).toBe("13%");
  expect(valueText(aLayer({ classes: [step(0.5, "0.5〜3m")] }), 1.234, "m", "ja")).toBe("1.23 m 0.5〜3m");
});

test("names of thresholds keep apart, in their order and inside the picture", () => {
  for (const lines of [[0.4, 0.45], [0, 0.01, 0.02, 0.03], [0.97, 0.98, 0.99], [0.1, 0.5, 0.9]]) {
    const tops = apart(lines, 0.2);
    expect(tops[0]).toBeGreaterThanOrEqual(0.1 - 1e-9);
    expect(tops.at(-1)).toBeLessThanOrEqual(0.9 + 1e-9);
    tops.slice(1).forEach((top, i) => expect(top - tops[i]!).toBeGreaterThanOrEqual(0.2 - 1e-9));
  }
  expect(apart([0.3, 0.7], 0.2)).toEqual([0.3, 0.7]);
});

test("a legend tells the newest grid's time: when it was issued, else what it is of", () => {
  expect(toldOf([])).toBeUndefined();
  const early = aFeature("a", { said_at: "2026-09-01T00:00:00Z" });
  const late = aFeature("b", { said_at: "2026-09-01T02:00:00Z", issued_at: "2026-09-01T01:00:00Z" });
  expect(toldOf([late, early])?.at).toEqual(new Date("2026-09-01T01:00:00Z"));
});

test("beside a forecast stands how the newest one's forerunners did", () => {
  const score = { lead_min: 30, csi: 0.81, csi_persistence: 0.62 };
  const early = aFeature("a", { said_at: "2026-09-01T00:00:00Z", scores: [{ ...score, csi: 0.1 }] });
  const late = aFeature("b", { said_at: "2026-09-01T00:10:00Z", scores: [score, { ...score, csi: null }] });
  expect(toldOf([late, early])?.scores).toEqual([score]);
});
