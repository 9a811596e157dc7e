/** The page's address is its state: status, as-of and language can be linked and shared. */
import type { Language, View } from "./types.ts";

const STATUSES = ["actual", "exercise", "test"] as const;

/** Read the view from an address's query; what makes no sense falls back to the plain page. */
export function readView(search: string, remembered: string | null = null): View {
  const query = new URLSearchParams(search);
  const status = STATUSES.find((s) => s === query.get("status")) ?? "actual";
  const asked = query.get("as-of");
  const asOf = asked !== null && !Number.isNaN(Date.parse(asked)) ? asked : null;
  const language = query.get("lang") ?? remembered;
  return { status, asOf, language: language === "en" ? "en" : "ja" };
}

/** Write a view as a query, `""` for the plain page. */
export function writeView(view: View): string {
  const query = new URLSearchParams();
  if (view.status !== "actual") query.set("status", view.status);
  if (view.asOf !== null) query.set("as-of", view.asOf);
  if (view.language !== "ja") query.set("lang", view.language);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

const KEY = "hinomi-language";

export function rememberedLanguage(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // Storage can be switched off; the page works without.
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // Storage can be switched off; the page works without.
  }
}
