/** The page's address is its state: status, as-of and language can be linked and shared. */
import type { View } from "./types.ts";

const STATUSES = ["actual", "exercise", "test"] as const;

/** A municipality's code (JMA's 7 digits) or a part's name: anything else is not passed on. */
const NAME = /^[\w-]{1,40}$/;

/** What this browser has kept of an earlier visit. */
export interface Remembered {
  language: string | null;
  area: string | null;
}

/** Read the view from an address's query; what makes no sense falls back to the plain page. */
export function readView(search: string, remembered: Remembered = { language: null, area: null }): View {
  const query = new URLSearchParams(search);
  const status = STATUSES.find((s) => s === query.get("status")) ?? "actual";
  const asked = query.get("as-of");
  const asOf = asked !== null && !Number.isNaN(Date.parse(asked)) ? asked : null;
  const language = query.get("lang") ?? remembered.language;
  const area = named(query.get("area") ?? remembered.area);
  return { status, asOf, language: language === "en" ? "en" : "ja", area, part: named(query.get("part")) };
}

/** `area=` (empty) says: everywhere, whatever is remembered. */
function named(value: string | null): string | null {
  return value !== null && NAME.test(value) ? value : null;
}

/** Write a view as a query, `""` for the plain page. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  if (view.status !== "actual") query.set("status", view.status);
  if (view.asOf !== null) query.set("as-of", view.asOf);
  if (view.language !== "ja") query.set("lang", view.language);
  if (view.area !== null) query.set("area", view.area);
  if (view.part !== null) query.set("part", view.part);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

const PREFIX = "hinomi-";

export function remembered(): Remembered {
  return { language: kept("language"), area: kept("area") };
}

/** Keep a choice for the next visit; null forgets it. */
export function remember(name: keyof Remembered, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Storage can be switched off; the page works without.
  }
}

function kept(name: keyof Remembered): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}
