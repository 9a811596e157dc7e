/** Questions to the OGC API. The page asks; what the answer means is decided on the server. */
import type { BBox, Feature, Group, Layer, View } from "./types.ts";

const PAGE = 1_000;
/** No answer is drawn beyond this many features; the map is for looking, exports are for all. */
export const MOST = 20_000;
const KEY = "hinomi-key";

export interface Question {
  bbox?: BBox;
  keys?: string[];
  limit?: number;
}

/** The path of a layer's features under a view. */
export function itemsPath(layer: Layer, view: View, question: Question = {}): string {
  const query = new URLSearchParams(viewQuery(view));
  // What is for reference holds in an exercise too; an exercise's own never stands among the actual.
  if (layer.reference && view.status !== "actual") query.set("status", "any");
  query.set("f", "json");
  query.set("limit", String(question.limit ?? PAGE));
  if (layer.days !== null) query.set("datetime", `${daysBefore(view.asOf, layer.days)}/..`);
  if (question.bbox) query.set("bbox", question.bbox.map((n) => n.toFixed(4)).join(","));
  const filter = [
    layer.filter,
    layer.tiles && view.area !== null && layer.area !== "" ? `${layer.area} = ${quoted(view.area)}` : "",
    question.keys ? `id IN (${question.keys.map(quoted).join(",")})` : "",
  ].filter(Boolean);
  if (filter.length > 0) {
    query.set("filter", filter.map((part) => (filter.length > 1 ? `(${part})` : part)).join(" AND "));
  }
  if (layer.outlines !== "") query.set("skip-geometry", "true");
  return `collections/${encodeURIComponent(layer.collection)}/items?${query}`;
}

/** The path of one thing with its shape. */
export function itemPath(collection: string, key: string, view: View): string {
  const query = new URLSearchParams({ ...viewQuery(view), f: "json" });
  return `collections/${encodeURIComponent(collection)}/items/${encodeURIComponent(key)}?${query}`;
}

/** A text in CQL2. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** So many days before the view's moment, in whole minutes: then the same question can be kept. */
function daysBefore(asOf: string | null, days: number): string {
  const end = asOf === null ? Date.now() : Date.parse(asOf);
  return new Date(Math.floor((end - days * 86_400_000) / 60_000) * 60_000).toISOString().replace(".000Z", "Z");
}

/** The parameters that say whose statements and which moment. */
export function viewQuery(view: View): Record<string, string> {
  return {
    ...(view.status === "actual" ? {} : { status: view.status }),
    ...(view.asOf === null ? {} : { "as-of": view.asOf }),
  };
}

/** Where the runtime says that the clock alone has changed a collection; the key is its name. */
export const EXPIRIES = "operations.expiries";

/** The path of the change feed under a view, for some collections. */
export function streamPath(view: View, collections: string[]): string {
  const query = new URLSearchParams(viewQuery(view));
  query.set("collections", [...collections, EXPIRIES].join(","));
  return `changes/stream?${query}`;
}

/** The legend's headings and the layers under a view: an exercise has what was sent in it too. */
export async function fetchLayers({ status }: View): Promise<{ groups: Group[]; layers: Layer[] }> {
  return (await fetchJson(`layers?f=json${status === "actual" ? "" : `&status=${status}`}`)) as { groups: Group[]; layers: Layer[] };
}

/** All features that a question selects, following the pages until there are `most`. */
export async function fetchItems(path: string, signal?: AbortSignal, most: number = MOST): Promise<Feature[]> {
  const found: Feature[] = [];
  let next: string | undefined = path;
  while (next && found.length < most) {
    const page = (await fetchJson(next, signal)) as {
      features: Feature[];
      links?: { rel: string; href: string; type?: string }[];
    };
    found.push(...page.features);
    next = page.links?.find((link) => link.rel === "next")?.href;
    // The server may stand behind a proxy that it does not know: its own origin is ours.
    if (next) next = next.replace(/^https?:\/\/[^/]+\//, new URL("./", document.baseURI).href);
  }
  return found;
}

/** Why a question failed, in the server's words where it has some. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    reason: string,
    /** The server's problem document, where it gave one: `problems` lists each fault with its path. */
    readonly problem: Record<string, unknown> = {},
  ) {
    super(reason);
  }
}

/** The key that this browser tab asks and writes with; "" is none. */
export function key(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function keepKey(value: string): void {
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage can be switched off; then there is no key.
  }
}

/** Headers that name the caller. None without a key: then the answers that `/` announced are used. */
export function caller(): Record<string, string> {
  const found = key();
  return found ? { "X-API-Key": found } : {};
}

/** An answer that the page itself brought along is good for its first question only, and not for long. */
const FRESH_MS = 15_000;

function brought(path: string): unknown {
  const block = document.querySelector<HTMLElement>(`script[data-address="${CSS.escape(path)}"]`);
  if (!block) return undefined;
  block.remove();
  // A page that the browser kept (a restored tab, the way back) shows nothing of then as now.
  const age = Math.abs(Date.now() - Date.parse(block.dataset["at"] ?? ""));
  return age <= FRESH_MS ? (JSON.parse(block.textContent) as unknown) : undefined;
}

export async function fetchJson(path: string, signal?: AbortSignal): Promise<unknown> {
  const headers = caller();
  const some = Object.keys(headers).length > 0;
  // What was brought along was answered without this tab's key.
  const known = some ? undefined : brought(path);
  if (known !== undefined) return known;
  const answer = await fetch(path, { ...(some ? { headers } : {}), ...(signal ? { signal } : {}) });
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}

export async function problemOf(answer: Response): Promise<ApiError> {
  try {
    const problem = (await answer.json()) as Record<string, unknown>;
    const words = problem["detail"] ?? problem["description"] ?? problem["title"];
    if (typeof words === "string") return new ApiError(answer.status, `${answer.status} ${words}`, problem);
  } catch {
    // Not JSON: the status has to do.
  }
  return new ApiError(answer.status, `HTTP ${answer.status}`);
}
