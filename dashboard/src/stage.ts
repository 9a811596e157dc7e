/** The map's side of the page: comes late, shows what the lists hold, and says what it cannot show. */
import { fetchJson, itemPath } from "./api.ts";
import type { Picked } from "./card.ts";
import { appearing, classOf, isOffered } from "./classes.ts";
import type { LayerData } from "./data.ts";
import { h } from "./dom.ts";
import type { Frame } from "./frame.ts";
import { boxAround } from "./geo.ts";
import { Legend, toldOf } from "./legend.ts";
import { Loop } from "./loop.ts";
import type { MapView } from "./map.ts";
import { drawProbed, probed } from "./probe.ts";
import type { Say } from "./text.ts";
import type { BBox, Feature, Group, Layer, View } from "./types.ts";

/** What the stage needs of the page. */
export interface StageHost {
  view(): View;
  say(): Say;
  frame(): Frame;
  layers(): Layer[];
  groups(): Group[];
  data(id: string): LayerData | undefined;
  onPick(found: Picked[]): void;
}

export class Stage {
  readonly root = h("div", { class: "map" });
  /** Once the map is up; never where it cannot be. */
  map: MapView | undefined;
  private loop: Loop | undefined;
  private readonly shown = new Set<string>();
  private zoom = 5;
  /** A place to be looked at that was named before the map was there. */
  private wanted: { box: BBox; always: boolean } | undefined;
  private aimed = "";
  /** Wishes for a place on the map. */
  private asking = 0;

  constructor(private readonly host: StageHost) {}

  /** Say that a map will come, and know what it will show. */
  prepare(): void {
    for (const layer of this.host.layers()) if (layer.shown) this.shown.add(layer.id);
    if (!this.map) this.root.replaceChildren(h("p", { class: "map-note", role: "status" }, this.host.say()("map_loading")));
    this.drawLegend();
  }

  /** Fetch the map's program and draw; the lists work without. */
  async open(): Promise<void> {
    const { host, root } = this;
    const say = host.say();
    this.prepare();
    try {
      const { MapView } = await import("./map.ts");
      root.replaceChildren();
      const credit = [say("credit_base"), ...new Set(host.layers().map((l) => l.credit).filter(Boolean))].join(" / ");
      const opened = new MapView(root, host.layers(), host.view(), say("map"), credit, {
        onPick: (found, at) => void this.pick(found).then(() => this.probe(at)),
        onMove: (_box, zoom) => {
          this.zoom = zoom;
          this.drawLegend();
        },
      });
      await opened.ready;
      this.map = opened;
      this.loop = new Loop(opened, () => host.say(), () => host.view(), this.shown);
      root.append(this.loop.root);
      void opened.idle().then(() => (root.dataset["ready"] = "true"));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      root.replaceChildren(
        h("div", { class: "map-note failed", role: "alert" }, say("map_failed", { reason }), " ", h("button", { type: "button", onclick: () => void this.open() }, say("retry"))),
      );
      return;
    }
    for (const layer of host.layers()) {
      this.map.toggle(layer, this.shown.has(layer.id));
      const data = host.data(layer.id);
      if (data) this.show(data);
    }
    if (this.wanted) this.look(this.wanted.box, this.wanted.always);
    else void this.aim();
  }

  show(data: LayerData): void {
    this.appear(data);
    this.map?.show(data.layer, data.features.values());
    if (data.layer.shape === "grid") this.loop?.show(data.layer, data.features.values());
  }

  /** Switch a layer on that has something to say, once. */
  private appear({ layer, features }: LayerData): void {
    const swap = appearing(layer, this.host.layers(), this.shown, this.chosen);
    if (!swap) return;
    const newest = [...features.values()].toSorted((a, b) => String(a.properties["said_at"]).localeCompare(String(b.properties["said_at"]))).at(-1);
    if (!(Number(newest?.properties[layer.appears] ?? 0) > 0)) return;
    for (const other of swap.off) this.turnLayer(other, false);
    this.turnLayer(layer, true);
    this.loop?.draw();
    this.drawLegend();
  }

  private turnLayer(layer: Layer, on: boolean): void {
    if (on) this.shown.add(layer.id);
    else this.shown.delete(layer.id);
    this.map?.toggle(layer, on);
  }

  /** Layers that the reader has switched. */
  private readonly chosen = new Set<string>();

  turn(view: View): void {
    this.map?.turn(view);
  }

  speak(view: View): void {
    this.map?.speak(view.language);
    for (const { id } of this.host.layers()) {
      const data = this.host.data(id);
      if (data) this.show(data);
    }
  }

  changed(collection: string): void {
    this.map?.changed(collection);
  }

  /** Bring a box into view, as soon as there is a map; `always`: even where the reader has moved it. */
  look(box: BBox, always = false): void {
    if (this.map) {
      this.wanted = undefined;
      this.map.look(box, always);
    } else this.wanted = { box, always };
  }

  async point(): Promise<[number, number] | null> {
    if (!this.map) return null;
    this.asking += 1;
    this.drawHint();
    try {
      return await this.map.point();
    } finally {
      this.asking -= 1;
      this.drawHint();
    }
  }

  /** The map's middle; before there is a map, Japan's. */
  centre(): [number, number] {
    return this.map?.centre() ?? [138, 37];
  }

  resize(): void {
    this.map?.resize();
  }

  copyTo(canvas: HTMLCanvasElement): void {
    this.map?.copyTo(canvas);
  }

  /** Look at where something is in force, unless the reader has chosen the place. */
  async aim(): Promise<void> {
    const { map } = this;
    const open = this.host.layers().find((layer) => layer.board?.open && layer.shape === "area");
    const data = open && this.host.data(open.id);
    if (!open || !data || !map || this.host.view().area !== null) return;
    const features = [...data.features.values()].filter((f) => open.classes[classOf(open, f)]?.colour);
    if (open.outlines === "") {
      const box = boxAround(features);
      if (box) map.look(box);
      return;
    }
    const keys = features.map(({ id }) => id).toSorted();
    if (keys.length === 0 || keys.join() === this.aimed) return;
    this.aimed = keys.join();
    let box = map.boxOf(open, new Set(keys));
    if (!box) {
      // The outlines are on their way.
      await map.idle();
      box = map.boxOf(open, new Set(keys));
    }
    if (box) map.look(box);
    this.drawHint();
  }

  /** Find what was clicked: in the lists, else by asking for it. */
  private async pick(found: { layer: string; key: string }[]): Promise<void> {
    const view = this.host.view();
    const picked = await Promise.all(
      found.slice(0, 6).map(async ({ layer: id, key }): Promise<Picked[]> => {
        const layer = this.host.layers().find((l) => l.id === id);
        if (!layer) return [];
        const here = this.host.data(id)?.features.get(key);
        if (here) return [{ layer, feature: here }];
        const wide = layer.reference && view.status !== "actual" ? "any" : view.status;
        const path = itemPath(layer.collection, key, view).replace(`status=${view.status}`, `status=${wide}`);
        return fetchJson(path).then(
          (feature) => [{ layer, feature: feature as Feature }],
          () => [],
        );
      }),
    );
    this.host.onPick(picked.flat());
  }

  /** What the grids on the map say of the place that was clicked stands above what else is there. */
  private async probe(at: [number, number]): Promise<void> {
    const grids = this.host.layers().filter((layer) => layer.shape === "grid" && this.shown.has(layer.id) && (this.host.data(layer.id)?.features.size ?? 0) > 0);
    const { card } = this.host.frame();
    card.querySelector(".probe")?.remove();
    if (grids.length === 0) return;
    const asked = ++this.asked;
    const view = this.host.view();
    const found = await probed(grids, at, view, this.loop?.moment ?? null);
    if (found.length === 0 || asked !== this.asked) return;
    const article = drawProbed(found, at, view, () => {
      article.remove();
      this.host.onPick([]);
    });
    card.prepend(article);
    card.hidden = false;
  }

  private asked = 0;

  private readonly legend = new Legend();

  drawLegend(): void {
    const { legend } = this.host.frame();
    const view = this.host.view();
    const present = (layer: Layer): Set<number> => {
      const data = this.host.data(layer.id);
      if (layer.tiles || (layer.shape === "grid" && (data?.features.size ?? 0) > 0)) return new Set(layer.classes.keys());
      return new Set(data ? [...data.features.values()].map((f) => classOf(layer, f)) : []);
    };
    const offered = this.host.layers().filter((layer) => isOffered(layer, view));
    this.legend.draw(legend, this.host.groups(), offered, { shown: this.shown, zoom: this.zoom, language: view.language, say: this.host.say() }, {
      present,
      told: (layer) => toldOf(this.host.data(layer.id)?.features.values() ?? []),
      onLook: (box) => this.look(box, true),
      onToggle: (layer, on) => {
        this.chosen.add(layer.id);
        this.turnLayer(layer, on);
        this.loop?.draw();
        this.drawLegend();
      },
    });
  }

  /** Some that are in force have no outline: say so, rather than leave a hole that looks calm. */
  drawHint(): void {
    const { hint } = this.host.frame();
    hint.classList.toggle("asks", this.asking > 0);
    if (this.asking > 0) {
      hint.textContent = this.host.say()("press_map");
      hint.hidden = false;
      return;
    }
    const missing = this.host
      .layers()
      .filter((layer) => layer.shape === "area" && this.shown.has(layer.id))
      .flatMap((layer) => {
        const features = [...(this.host.data(layer.id)?.features.values() ?? [])].filter((f) => layer.classes[classOf(layer, f)]?.colour);
        if (layer.outlines === "") return features.filter((f) => f.geometry === null);
        return this.outlines ? features.filter((f) => !this.outlines!.has(f.id)) : [];
      });
    hint.textContent = missing.length > 0 ? this.host.say()("no_shape", { count: missing.length }) : "";
    hint.hidden = missing.length === 0;
  }

  /** Which municipalities have outlines; undefined until that is known. */
  outlines: ReadonlySet<string> | undefined;
}
