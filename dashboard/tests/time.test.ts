import { expect, test } from "vitest";
import { speaker } from "../src/text.ts";
import { age, clock, fromInput, fullTime, toInput } from "../src/time.ts";

const NOW = new Date("2026-11-21T13:00:00Z"); // 22:00 in Japan

test("times are shown in Japan's time, with the day only where it is another", () => {
  expect(clock(new Date("2026-11-21T12:40:00Z"), NOW)).toBe("21:40");
  expect(clock(new Date("2026-11-20T15:05:00Z"), NOW)).toBe("00:05");
  expect(clock(new Date("2026-11-20T12:40:00Z"), NOW)).toBe("11/20 21:40");
  expect(clock(new Date("2024-01-01T07:10:00Z"), NOW)).toBe("2024/01/01 16:10");
  expect(fullTime(NOW)).toBe("2026-11-21 22:00:00");
});

test("what is typed is Japan's time and goes out as UTC", () => {
  expect(fromInput("2024-01-01T16:10")).toBe("2024-01-01T07:10:00Z");
  expect(fromInput("tomorrow")).toBeNull();
  expect(toInput(new Date("2024-01-01T07:10:00Z"))).toBe("2024-01-01T16:10");
});

test("an age is one figure in the reader's language", () => {
  const since = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
  expect(age(since(0.5), NOW, speaker("ja"))).toBe("たった今");
  expect(age(since(37), NOW, speaker("ja"))).toBe("37分前");
  expect(age(since(130), NOW, speaker("en"))).toBe("2 h ago");
  expect(age(since(3 * 1440), NOW, speaker("en"))).toBe("3 d ago");
});
