/** Times are UTC on the wire and Japan Standard Time on the screen, wherever the screen stands. */
import type { Say } from "./text.ts";

const PARTS = new Intl.DateTimeFormat("ja-JP", {
  timeZone: "Asia/Tokyo",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

function parts(moment: Date): Record<string, string> {
  return Object.fromEntries(PARTS.formatToParts(moment).map(({ type, value }) => [type, value]));
}

/** `21:40` on the day of `now`, `11/20 21:40` on another one, with the year in another year. */
export function clock(moment: Date, now: Date): string {
  const a = parts(moment);
  const b = parts(now);
  const time = `${a["hour"]}:${a["minute"]}`;
  if (a["year"] !== b["year"]) return `${a["year"]}/${a["month"]}/${a["day"]} ${time}`;
  return a["month"] === b["month"] && a["day"] === b["day"] ? time : `${Number(a["month"])}/${Number(a["day"])} ${time}`;
}

/** `2026-11-21 21:40:05`: for the clock in the head of the page. */
export function fullTime(moment: Date): string {
  const a = parts(moment);
  return `${a["year"]}-${a["month"]}-${a["day"]} ${a["hour"]}:${a["minute"]}:${a["second"]}`;
}

/** The value of a datetime-local input, read as JST, as UTC (RFC 3339); null when it is no time. */
export function fromInput(value: string): string | null {
  const moment = new Date(`${value}${value.length === 16 ? ":00" : ""}+09:00`);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString().replace(".000Z", "Z");
}

/** `2026-11-21 21:40 JST`, with seconds where there are some. */
export function stamp(moment: Date): string {
  const text = fullTime(moment);
  return `${text.endsWith(":00") ? text.slice(0, -3) : text} JST`;
}

/** A moment as the value of a datetime-local input, in JST. */
export function toInput(moment: Date): string {
  return fullTime(moment).slice(0, 16).replace(" ", "T");
}

/** How long ago, in one figure. */
export function age(moment: Date, now: Date, say: Say): string {
  const minutes = Math.floor((now.getTime() - moment.getTime()) / 60_000);
  // Clocks differ by seconds, and a moment that is chosen is rounded: that is still now.
  if (minutes < -1) return say("ahead");
  if (minutes < 1) return say("just_now");
  if (minutes < 60) return say("ago_minutes", { count: minutes });
  if (minutes < 48 * 60) return say("ago_hours", { count: Math.floor(minutes / 60) });
  const days = Math.floor(minutes / 1440);
  // Of what is older than a year the date alone says enough.
  return days > 366 ? "" : say("ago_days", { count: days });
}

/** Read an RFC 3339 time; undefined when absent or not a time. */
export function moment(value: unknown): Date | undefined {
  if (typeof value !== "string") return undefined;
  const found = new Date(value);
  return Number.isNaN(found.getTime()) ? undefined : found;
}
