/** What the page holds of each layer: loaded whole, by window, or by the keys that changed. */
import { fetchItems, itemsPath } from "./api.ts";
import type { BBox, Feature, Layer, View } from "./types.ts";

export type Load = { state: "loading" } | { state: "ready" } | { state: "error"; reason: string };

const GATHER_MS = 150;
/** Beyond this many changed keys the whole layer is asked again. */
const MANY_KEYS = 60;

export class LayerData {
  features = new Map<string, Feature>();
  load: Load = { state: "loading" };
  /** Whether anything at all stands in the collection; undefined until asked. */
  received: boolean | undefined;
  /** Keys whose feature came or changed since the first load, and when [ms]. */
  fresh = new Map<string, number>();
  /** When the answer that is shown arrived. */
  at: Date | undefined;

  private dirty = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private aborter: AbortController | undefined;
  private chain: Promise<void> = Promise.resolve();
  private bbox: BBox | undefined;

  constructor(
    readonly layer: Layer,
    private readonly view: View,
    private onChange: (data: LayerData, changed: string[]) => void,
  ) {}

  /** Ask for everything (or for the window that was set last). */
  reload(): Promise<void> {
    this.chain = this.chain.then(() => this.all());
    return this.chain;
  }

  /** The window has moved: a layer that is fetched by view asks again, dropping an older question. */
  look(bbox: BBox | undefined): void {
    this.bbox = bbox;
    this.aborter?.abort();
    if (bbox) void this.reload();
    else if (this.features.size > 0) {
      this.features = new Map();
      this.onChange(this, []);
    }
  }

  /** The feed says that this thing changed: ask what the server now shows of it. */
  touch(key: string): void {
    if (this.layer.by_view && !this.bbox) return;
    this.dirty.add(key);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.chain = this.chain.then(() => this.some());
    }, GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.aborter?.abort();
    this.onChange = () => undefined;
  }

  private async all(): Promise<void> {
    if (this.layer.by_view && !this.bbox) {
      this.load = { state: "ready" };
      return;
    }
    this.dirty.clear();
    await this.ask(async (signal) => {
      const path = itemsPath(this.layer, this.view, this.bbox ? { bbox: this.bbox } : {});
      const found = await fetchItems(path, signal);
      const changed = this.replace(new Map(found.map((f) => [f.id, f])));
      if (found.length === 0 && !this.layer.by_view) {
        const any = itemsPath({ ...this.layer, filter: "", days: null }, this.view, { limit: 1 });
        this.received = (await fetchItems(any, signal)).length > 0;
      } else this.received = true;
      return changed;
    });
  }

  private async some(): Promise<void> {
    const keys = [...this.dirty];
    if (keys.length === 0) return;
    if (keys.length > MANY_KEYS) return this.all();
    this.dirty.clear();
    await this.ask(async (signal) => {
      const found = await fetchItems(itemsPath(this.layer, this.view, { keys }), signal);
      const next = new Map(this.features);
      for (const key of keys) next.delete(key);
      for (const feature of found) next.set(feature.id, feature);
      this.received = true;
      return this.replace(next);
    });
  }

  private async ask(question: (signal: AbortSignal) => Promise<string[]>): Promise<void> {
    const aborter = (this.aborter = new AbortController());
    let changed: string[] = [];
    try {
      changed = await question(aborter.signal);
      this.load = { state: "ready" };
      this.at = new Date();
    } catch (error) {
      if (aborter.signal.aborted) return;
      this.load = { state: "error", reason: error instanceof Error ? error.message : String(error) };
    }
    this.onChange(this, changed);
  }

  private replace(next: Map<string, Feature>): string[] {
    const before = this.features;
    const changed = [...next.values()]
      .filter((f) => before.get(f.id)?.properties["record"] !== f.properties["record"])
      .map((f) => f.id);
    const first = this.at === undefined || this.layer.by_view;
    if (!first) for (const key of changed) this.fresh.set(key, Date.now());
    this.features = next;
    return first ? [] : changed;
  }
}
