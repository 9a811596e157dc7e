/**
 * What other parts of the screen (headquarters' work, an instructor's panel) are to the page, and the
 * page to them. A part lives in a folder of its own and is fetched only when somebody opens it.
 */
import type { BBox, Feature, Text, View } from "./types.ts";

export type { BBox, Feature, Language, Text, View } from "./types.ts";

/** One step of the change feed, or how the line to the server is doing. */
export interface Change {
  /** `record`: something was stated; `readings`: a batch of them; `gone`: it left our view. */
  kind: "record" | "readings" | "gone";
  collection: string;
  /** The thing's key; for readings their number. */
  key: string;
  /** The feature as the feed gives it, where it does. */
  feature?: Feature;
}

/** Whether what is shown is the newest: `lost` and `stale` forbid to rely on it, `past` to write. */
export type Line = "connecting" | "live" | "stale" | "lost" | "past";

/** What a part may ask of the page. Everything goes through the Reader behind the API. */
export interface Api {
  /** Ask for JSON. `status` and `as-of` of the view are added unless the path names them. */
  get(path: string, signal?: AbortSignal): Promise<unknown>;
  /** All features of a collection that a query selects (`filter`, `bbox`, `datetime` …), page by page. */
  items(collection: string, query?: Record<string, string>, signal?: AbortSignal): Promise<Feature[]>;
  /** Write. Gives the answer's JSON (null if empty); throws ApiError with the server's words. The ETag is in `etag`. */
  send(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, headers?: Record<string, string>): Promise<Sent>;
  /** An address of the API under this view, for links and downloads. */
  href(path: string): string;
  /** Whether a key is at hand; without one nothing can be written. */
  hasKey(): boolean;
  /** Keep a key for this browser tab; an empty one forgets it. The whole page asks with it from then on. */
  setKey(key: string): void;
  /** Change the view: a link to a moment (`{ asOf }`), an area, another part. */
  go(change: Partial<View>): void;
  /** Bring a place into view on the map. */
  look(box: BBox): void;
  /** Let the user pick a point: resolves with lon, lat at the next click on the map, null if called off. */
  point(): Promise<[lon: number, lat: number] | null>;
  /** Have words read out by a screen reader, politely. */
  announce(words: string): void;
  /** Which municipality the user has chosen as theirs, with its names; null where none is. */
  area(): Promise<Feature | null>;
}

export interface Sent {
  status: number;
  etag: string | null;
  body: unknown;
}

/** A part that is on the screen. */
export interface PartHandle {
  /** Language, status, moment or area have changed: draw anew. */
  onView(view: View): void;
  /** The feed told of a change (only under a view of now). */
  onChange?(change: Change): void;
  /** The line to the server has changed its state; after `lost` ask again for what was missed. */
  onLine?(line: Line): void;
  /** The part is closed; its listeners and timers end. `root` is emptied by the page. */
  unmount(): void;
}

/** What a part's module gives as its default export. */
export interface Part {
  id: string;
  title: Text;
  mount(root: HTMLElement, view: View, api: Api): PartHandle;
}

/** What is known of a part before it is fetched. */
export interface PartEntry {
  id: string;
  title: Text;
  /** Collections whose changes it wants to hear of. */
  collections: string[];
  /** Statuses under which it is offered. */
  statuses: View["status"][];
  load(): Promise<Part>;
}
