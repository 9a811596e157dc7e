/** What the page holds of each layer: loaded whole, or by the keys that changed. */
import { fetchItems, itemsPath } from "./api.ts";
import { isIn, isOffered } from "./classes.ts";
import type { Feature, Layer, View } from "./types.ts";

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
  private first = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private aborter: AbortController | undefined;
  private chain: Promise<void> = Promise.resolve();

  /** `before` is shown until the first answer comes: turning the time must not blank the screen. */
  constructor(
    readonly layer: Layer,
    private readonly view: View,
    private onChange: (data: LayerData, changed: string[]) => void,
    before?: LayerData,
  ) {
    if (before) {
      this.features = before.features;
      this.received = before.received;
      this.at = before.at;
    }
  }

  /** Whether this layer is held here at all; one of many thousands only for one municipality. */
  get held(): boolean {
    const { layer, view } = this;
    if (!isOffered(layer, view)) return false;
    return !layer.tiles || (view.area !== null && layer.board?.local === true);
  }

  /** Ask for everything. */
  reload(): Promise<void> {
    this.chain = this.chain.then(() => this.all());
    return this.chain;
  }

  /** The feed says that this thing changed: ask what the server now shows of it. */
  touch(key: string): void {
    if (!this.held) return;
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
    if (!this.held) {
      this.load = { state: "ready" };
      return;
    }
    this.dirty.clear();
    await this.ask(async (signal) => {
      const found = await fetchItems(itemsPath(this.layer, this.view), signal);
      const changed = this.replace(new Map(this.mine(found).map((f) => [f.id, f])));
      if (found.length === 0) {
        const any = itemsPath({ ...this.layer, filter: "", days: null }, { ...this.view, area: null }, { limit: 1 });
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
      for (const feature of this.mine(found)) next.set(feature.id, feature);
      this.received = true;
      return this.replace(next);
    });
  }

  private mine(found: Feature[]): Feature[] {
    return found.filter((feature) => isIn(this.layer, feature, this.view.area));
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
    const { first } = this;
    this.first = false;
    if (!first) for (const key of changed) this.fresh.set(key, Date.now());
    this.features = next;
    return first ? [] : changed;
  }
}
