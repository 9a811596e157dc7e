/** Holds the page together: view, layers' data, the stream, and what is drawn of them. */
import { EXPIRIES, fetchLayers, streamPath } from "./api.ts";
import { drawBoard, type BoardOptions } from "./board.ts";
import { drawCard, type Picked } from "./card.ts";
import { classOf, nameOf } from "./classes.ts";
import { LayerData } from "./data.ts";
import { h } from "./dom.ts";
import type { Reading } from "./fields.ts";
import { drawFrame, drawState, type Frame } from "./frame.ts";
import { boxAround } from "./geo.ts";
import { drawLegend } from "./legend.ts";
import { drawStrip } from "./strip.ts";
import { Quiet } from "./quiet.ts";
import type { MapView } from "./map.ts";
import { Stream, type ServerEvent, type StreamState } from "./stream.ts";
import { speaker, type Say } from "./text.ts";
import { fullTime } from "./time.ts";
import type { BBox, Feature, Layer, View } from "./types.ts";
import { readView, remember, remembered, writeView } from "./view.ts";

/** Validity ends without an event: what is shown is asked again this often. */
const RELOAD_MS = 60_000;
const AGES_MS = 20_000;
/** At most this many changes are read out; beyond, a reader of the screen is only disturbed. */
const MOST_SPOKEN = 5;

export class App {
  private view: View;
  private say: Say;
  private frame!: Frame;
  private layers: Layer[] = [];
  private readonly data = new Map<string, LayerData>();
  private readonly shown = new Set<string>();
  private map: MapView | undefined;
  private stream: Stream | undefined;
  private streamState: StreamState = "connecting";
  private picked: Picked[] = [];
  private search = "";
  private readonly only = new Map<string, number>();
  private readonly unfolded = new Set<string>();
  private window: { bbox: BBox; zoom: number } | undefined;
  private readonly redraw = new Set<string>();
  private reloads: ReturnType<typeof setInterval> | undefined;
  private heard = new Date();
  private readonly quiet = new Quiet((asOf) => this.change({ ...this.view, asOf }), (ended) => this.ended(ended));

  constructor(private readonly host: HTMLElement) {
    this.view = readView(location.search, remembered());
    this.say = speaker(this.view.language);
    this.drawAll();
    addEventListener("popstate", () => this.change(readView(location.search, remembered()), false));
    addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && this.picked.length > 0) this.unpick();
    });
    setInterval(() => this.tick(), 1_000);
    setInterval(() => this.layers.forEach((layer) => this.drawSoon(layer.id)), AGES_MS);
  }

  /** Ask for the layers, then for what is in them, then for the map. */
  async start(): Promise<void> {
    try {
      this.layers = await fetchLayers();
    } catch (error) {
      this.failed(error);
      return;
    }
    for (const layer of this.layers) if (layer.shown) this.shown.add(layer.id);
    this.drawAll();
    await this.open();
    await this.openMap();
  }

  private failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const retry = h("button", { type: "button", onclick: () => void this.start() }, this.say("retry"));
    const words = h("p", { class: "failed", role: "alert" }, this.say("failed", { reason }), " ", retry);
    this.frame.boards.replaceChildren(words);
    drawState(this.frame, "lost", undefined, this.say);
    setTimeout(() => {
      if (words.isConnected) void this.start();
    }, 5_000);
  }

  /** Start over for the view: data, stream, clockwork. Resolves when the open lists are filled. */
  private async open(): Promise<void> {
    this.stream?.stop();
    clearInterval(this.reloads);
    for (const data of this.data.values()) data.stop();
    for (const layer of this.layers) {
      const data = new LayerData(layer, this.view, (changed, keys) => this.arrived(changed, keys));
      this.data.set(layer.id, data);
      this.map?.show(layer, []);
    }
    this.drawBoards();
    // The stream first: what changes while the lists load is then heard too.
    if (this.view.asOf === null) {
      const collections = [...new Set(this.layers.map((layer) => layer.collection))];
      this.stream = new Stream(streamPath(this.view, collections), this.onEvent, this.onState);
      this.reloads = setInterval(() => this.reload(), RELOAD_MS);
    } else drawState(this.frame, "past", undefined, this.say);
    const urgent = this.layers.filter((layer) => layer.board?.open);
    await Promise.all(urgent.map((layer) => this.data.get(layer.id)?.reload()));
    for (const layer of this.layers) if (!urgent.includes(layer)) void this.data.get(layer.id)?.reload();
    if (this.window) this.look(this.window.bbox, this.window.zoom);
  }

  private reload(): void {
    for (const data of this.data.values()) void data.reload();
  }

  private async openMap(): Promise<void> {
    const { map, language } = { map: this.frame.map, language: this.view.language };
    try {
      const { MapView } = await import("./map.ts");
      map.replaceChildren();
      const credit = [this.say("credit_base"), ...new Set(this.layers.map((l) => l.credit).filter(Boolean))].join(" / ");
      const opened = new MapView(map, this.layers, language, this.say("map"), credit, {
        onPick: (found) => this.pick(found.flatMap(({ layer, key }) => this.lookUp(layer, key))),
        onMove: (bbox, zoom) => this.look(bbox, zoom),
      });
      await opened.ready;
      this.map = opened;
      map.dataset["ready"] = "true";
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      map.replaceChildren(h("p", { class: "map-note failed", role: "alert" }, this.say("map_failed", { reason })));
      return;
    }
    for (const layer of this.layers) this.map.toggle(layer, this.shown.has(layer.id));
    for (const data of this.data.values()) this.map.show(data.layer, data.features.values());
    this.aim();
  }

  /** Look at where something is in force, once, unless the reader has chosen the place. */
  private aim(): void {
    const open = this.layers.find((layer) => layer.board?.open && layer.shape === "area");
    const data = open && this.data.get(open.id);
    if (!open || !data || !this.map) return;
    const box = boxAround([...data.features.values()].filter((f) => open.classes[classOf(open, f)]?.colour));
    if (box) this.map.look(box);
  }

  /** Nothing is in force: look at where it was. */
  private ended(features: Feature[]): void {
    this.drawQuiet();
    const box = boxAround(features);
    if (box) this.map?.look(box);
  }

  private readonly onEvent = (event: ServerEvent): void => {
    this.heard = new Date();
    let change: { kind?: string; collection?: string; key?: string };
    try {
      change = JSON.parse(event.data) as typeof change;
    } catch {
      return; // A heartbeat in words; the stream counts it as a sign of life.
    }
    if (change.kind === "readings" || change.key === undefined) return;
    for (const data of this.data.values()) {
      if (data.layer.collection === change.collection) data.touch(change.key);
      else if (change.collection === EXPIRIES && data.layer.collection === change.key) void data.reload();
    }
  };

  private readonly onState = (state: StreamState): void => {
    // Back again: what was missed is asked for.
    if (state === "live" && this.streamState !== "live" && this.streamState !== "connecting") this.reload();
    if (this.streamState === "live") this.heard = new Date();
    this.streamState = state;
    drawState(this.frame, state, this.heard, this.say);
  };

  private arrived(data: LayerData, changed: string[]): void {
    this.map?.show(data.layer, data.features.values());
    this.drawSoon(data.layer.id);
    if (changed.length > 0) this.announce(data, changed);
    this.picked = this.picked.flatMap(({ layer, feature }) => {
      const now = this.data.get(layer.id)?.features.get(feature.id);
      return now ? [{ layer, feature: now }] : [];
    });
    if (data.layer.board?.open && changed.length > 0) this.aim();
    this.drawCard();
    this.drawHint();
    this.drawLegend();
  }

  private announce(data: LayerData, changed: string[]): void {
    // A source is heard every few seconds: read out, that would drown what matters.
    if (!data.layer.board || data.layer.board.slim) return;
    const words = changed.slice(0, MOST_SPOKEN).map((key) => {
      const feature = data.features.get(key)!;
      const label = data.layer.classes[classOf(data.layer, feature)]?.label[this.view.language] ?? "";
      return this.say("changed", { name: nameOf(data.layer, feature, this.view.language), label });
    });
    this.frame.announcer.textContent = words.join(" / ");
  }

  private change(view: View, push = true): void {
    const { view: before } = this;
    this.view = view;
    this.say = speaker(view.language);
    if (push) history.pushState(null, "", (writeView(view) || location.pathname) + location.hash);
    if (view.language !== before.language) {
      remember("language", view.language);
      this.map?.speak(view.language);
      for (const data of this.data.values()) this.map?.show(data.layer, data.features.values());
    }
    const same = view.status === before.status && view.asOf === before.asOf;
    if (!same) this.picked = [];
    this.drawAll();
    if (!same) void this.open();
  }

  private look(bbox: BBox, zoom: number): void {
    this.window = { bbox, zoom };
    for (const data of this.data.values()) {
      const { layer } = data;
      if (!layer.by_view) continue;
      data.look(this.shown.has(layer.id) && zoom >= layer.min_zoom ? bbox : undefined);
    }
    this.drawLegend();
  }

  private lookUp(layerId: string, key: string): Picked[] {
    const data = this.data.get(layerId);
    const feature = data?.features.get(key);
    return data && feature ? [{ layer: data.layer, feature }] : [];
  }

  private pick(picked: Picked[]): void {
    this.picked = picked;
    this.drawCard();
  }

  /** Close the card; a reader who came by keyboard goes on where they were. */
  private unpick(): void {
    const { layer, feature } = this.picked[0]!;
    const inside = this.frame.card.contains(document.activeElement) || document.activeElement === document.body;
    this.pick([]);
    if (inside) this.frame.root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(`${layer.id}/${feature.id}`)}"]`)?.focus();
  }

  private onPickRow(layer: Layer, feature: Feature): void {
    this.pick([{ layer, feature }]);
    this.pane("map");
    const box = boxAround([feature]);
    if (box) this.map?.look(box, true);
  }

  private pane(pane: "list" | "map"): void {
    document.body.dataset["pane"] = pane;
    for (const tab of this.frame.root.querySelectorAll<HTMLElement>(".tabs button")) {
      tab.setAttribute("aria-pressed", String(tab.dataset["pane"] === pane));
    }
    this.map?.resize();
  }

  // What is drawn.

  private drawAll(): void {
    const focus = document.activeElement?.className;
    document.documentElement.lang = this.view.language;
    const { status } = this.view;
    const prefix = status === "actual" ? "" : `【${this.say(status)}】`;
    document.title = `${prefix}${this.say("name")} ${this.say("tagline")}`;
    document.body.dataset["status"] = status;
    this.frame = drawFrame(
      this.view,
      this.say,
      this.search,
      {
        onView: (change) => this.change({ ...this.view, ...change }),
        onSearch: (words) => {
          this.search = words;
          this.layers.forEach((layer) => this.drawSoon(layer.id));
        },
        onPane: (pane) => this.pane(pane),
      },
      this.frame?.map,
    );
    this.host.replaceChildren(this.frame.root);
    if (focus) this.frame.root.querySelector<HTMLElement>(`.${CSS.escape(focus.split(" ")[0]!)}`)?.focus();
    this.pane((document.body.dataset["pane"] as "list" | "map" | undefined) ?? "list");
    this.tick();
    this.drawBoards();
    this.drawLegend();
    this.drawCard();
    this.drawHint();
    drawState(this.frame, this.view.asOf === null ? this.streamState : "past", this.heard, this.say);
  }

  private tick(): void {
    const now = new Date();
    this.frame.clock.textContent = `${fullTime(now)} JST`;
    this.frame.clock.setAttribute("datetime", now.toISOString());
  }

  private reading(): Reading {
    const now = this.view.asOf === null ? new Date() : new Date(this.view.asOf);
    return { language: this.view.language, say: this.say, now };
  }

  private drawBoards(): void {
    if (this.layers.length === 0) {
      this.frame.boards.replaceChildren(h("div", { class: "skeleton", role: "status" }, h("span", {}, this.say("loading")), h("i"), h("i")));
      return;
    }
    this.frame.boards.replaceChildren();
    this.frame.foot.replaceChildren();
    for (const { id } of this.layers) this.drawBoard(id);
    this.drawQuiet();
  }

  private drawSoon(id: string): void {
    if (this.redraw.size === 0) {
      requestAnimationFrame(() => {
        for (const waiting of this.redraw) this.drawBoard(waiting);
        this.redraw.clear();
        this.drawQuiet();
      });
    }
    this.redraw.add(id);
  }

  private drawBoard(id: string): void {
    const data = this.data.get(id);
    const board = data?.layer.board;
    if (!data || !board) return;
    const focus = (document.activeElement as HTMLElement | null)?.dataset["focus"];
    const before = this.frame.root.querySelector<HTMLElement>(`#board-${CSS.escape(id)}`);
    const drawn = board.slim ? drawStrip(data, board, this.boardOptions(id), before) : drawBoard(data, board, this.boardOptions(id));
    if (before) before.replaceWith(drawn);
    else (board.slim ? this.frame.foot : this.frame.boards).append(drawn);
    if (focus) drawn.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  }

  private drawQuiet(): void {
    this.quiet.draw(this.frame.boards, [...this.data.values()], this.view, this.reading());
  }

  private boardOptions(id: string): BoardOptions {
    return {
      ...this.reading(),
      search: this.search,
      only: this.only.get(id) ?? null,
      unfolded: this.unfolded,
      onPick: (layer, feature) => this.onPickRow(layer, feature),
      onOnly: (layer, index) => {
        if (index === null) this.only.delete(layer.id);
        else this.only.set(layer.id, index);
        this.drawBoard(layer.id);
      },
      onUnfold: (group) => {
        this.unfolded.add(group);
        this.drawBoard(id);
      },
      onRetry: (data) => void data.reload(),
    };
  }

  private drawLegend(): void {
    const focus = (document.activeElement as HTMLElement | null)?.dataset["focus"];
    const zoom = this.window?.zoom ?? 5;
    const present = ({ id }: Layer): Set<number> => {
      const data = this.data.get(id);
      return new Set(data ? [...data.features.values()].map((f) => classOf(data.layer, f)) : []);
    };
    const drawn = drawLegend(this.layers, this.shown, present, zoom, this.view.language, this.say, (layer, on) => {
      if (on) this.shown.add(layer.id);
      else this.shown.delete(layer.id);
      this.map?.toggle(layer, on);
      if (this.window) this.look(this.window.bbox, this.window.zoom);
      else this.drawLegend();
    });
    this.frame.legend.replaceChildren(...drawn);
    if (focus) this.frame.legend.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
  }

  private drawCard(): void {
    this.frame.card.hidden = this.picked.length === 0;
    this.frame.card.replaceChildren(...drawCard(this.picked, this.view, this.reading(), () => this.unpick()));
  }

  private drawHint(): void {
    const missing = this.layers
      .filter((layer) => layer.shape === "area" && this.shown.has(layer.id))
      .flatMap((layer) => [...(this.data.get(layer.id)?.features.values() ?? [])].filter((f) => f.geometry === null && layer.classes[classOf(layer, f)]?.colour));
    this.frame.hint.textContent = missing.length > 0 ? this.say("no_shape", { count: missing.length }) : "";
    this.frame.hint.hidden = missing.length === 0;
  }
}
