import { expect, test } from "vitest";
import { type Lag, lagOf } from "../src/hq/partners.ts";
import { speaker } from "../src/hq/words.ts";

const NOW = new Date("2026-11-21T13:00:00Z"); // 22:00 in Japan
const LEVEL: Lag = { name: "県", direction: "in+out", missing: 0, sent_to: 40, to_send: 0, heard_at: NOW.getTime() / 1000 - 60, failures: 0, error: "" };

test("a partner's lag is told in numbers, with when it was heard", () => {
  const say = speaker("ja");
  expect(lagOf(LEVEL, say, NOW)).toBe("遅れなし・最終 21:59");
  expect(lagOf({ ...LEVEL, missing: 12, to_send: 3 }, say, NOW)).toBe("未着 12件・相手が未読 3件・最終 21:59");
  expect(lagOf({ ...LEVEL, failures: 4, error: "refused" }, say, NOW)).toBe("最終 21:59・refused");
  expect(lagOf({ ...LEVEL, heard_at: 0 }, speaker("en"), NOW)).toBe("never heard");
});

test("to a partner that is only read nothing is left to send", () => {
  const say = speaker("ja");
  expect(lagOf({ ...LEVEL, direction: "in", sent_to: 0, to_send: 900 }, say, NOW)).toBe("遅れなし・最終 21:59");
  expect(lagOf({ ...LEVEL, direction: "calls", sent_to: 0, to_send: 900 }, say, NOW)).toBe("相手が未読 900件・最終 21:59");
});
