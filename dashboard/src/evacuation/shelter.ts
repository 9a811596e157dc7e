/** One shelter of a plan: how it fills by the hour, its staff and goods. */
import { h } from "../dom.ts";
import type { Language } from "../part.ts";
import { clock, moment } from "../time.ts";
import type { Shelter } from "./plans.ts";
import type { Say } from "./words.ts";

/** A time as it is read in a row; nothing where there is none. */
export function at(value: string | undefined): string {
  const found = moment(value);
  return found ? clock(found, new Date()) : "";
}

/** Bars of the head-count, hour by hour, against the capacity; the words say the same. */
export function drawHours(shelter: Shelter, say: Say): HTMLElement | null {
  const hours = shelter.hours ?? [];
  const most = Math.max(shelter.capacity ?? 0, ...hours.map(({ high }) => high), 1);
  if (hours.length === 0) return null;
  const list = hours.map(({ at: time, people }) => `${at(time)} ${people}`).join("、");
  const bars = hours.map(({ at: time, people, low, high }) => {
    const bar = h("i", { title: `${at(time)} ${people} (${low}–${high})`, "data-full": String(shelter.capacity !== undefined && people >= shelter.capacity) });
    bar.style.setProperty("--part", String(people / most));
    bar.style.setProperty("--high", String(high / most));
    return bar;
  });
  const whole = h("span", { class: "evac-hours", role: "img", "aria-label": say("by_hour", { list }) }, ...bars);
  if (shelter.capacity !== undefined) whole.style.setProperty("--room", String(shelter.capacity / most));
  return whole;
}

/** Staff, goods with what they rest on, and where people come from; folded. */
export function drawNeeds(shelter: Shelter, say: Say, language: Language): HTMLElement | null {
  const { staff = [], goods = [], origins = [] } = shelter;
  if (staff.length + goods.length + origins.length === 0) return null;
  const name = (one: { name: string; name_en: string }): string => (language === "ja" ? one.name : one.name_en);
  const sure = (one: { certainty: string }): string => say(one.certainty as "read" | "memory" | "assumed");
  const number = new Intl.NumberFormat(language);
  return h(
    "details",
    { class: "evac-needs" },
    h("summary", {}, say("details")),
    table(
      [say("role"), say("at_once"), say("shifts"), say("basis")],
      staff.map((s) => [name(s), number.format(s.most), number.format(s.shifts), `${sure(s)}: ${s.basis}`]),
    ),
    table(
      [say("good"), say("quantity"), "", say("basis")],
      goods.map((g) => [name(g), number.format(g.quantity), g.unit, `${sure(g)}: ${g.basis}`]),
    ),
    table(
      [say("block"), say("people"), say("minutes")],
      origins.map((o) => [o.block, number.format(o.people), String(o.minutes)]),
    ),
  );
}

function table(heads: string[], rows: string[][]): HTMLElement | null {
  if (rows.length === 0) return null;
  const head = h("tr", {}, ...heads.map((word) => h("th", { scope: "col" }, word)));
  const body = rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))));
  return h("table", {}, h("thead", {}, head), h("tbody", {}, ...body));
}
