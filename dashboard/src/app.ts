/** Holds the page together: the view, the layers' data, the stream; who is told of what. */
import { EXPIRIES, fetchLayers, streamPath } from "./api.ts";
import { Areas } from "./areas.ts";
import { Card } from "./card.ts";
import { classOf, nameOf } from "./classes.ts";
import { LayerData } from "./data.ts";
import { Dock } from "./dock.ts";
import { h } from "./dom.ts";
import type { Reading } from "./fields.ts";
import { finder } from "./finding.ts";
import { drawFrame, drawState, drawView, markPane, type Frame, type FrameEvents, type Pane } from "./frame.ts";
import { boxAround } from "./geo.ts";
import { takeDrops } from "./import/files.ts";
import { Lists } from "./lists.ts";
import { placeOf, type Here } from "./near.ts";
import { onPrint } from "./printing.ts";
import { Search } from "./search.ts";
import { Stage } from "./stage.ts";
import { Stream, type ServerEvent, type StreamState } from "./stream.ts";
import { speaker, type Say } from "./text.ts";
import { fullTime } from "./time.ts";
import { TimeBar } from "./timebar.ts";
import type { Change } from "./part.ts";
import { thereAndBack } from "./there.ts";
import type { Feature, Group, Layer, View } from "./types.ts";
import { readView, remember, remembered, writeView } from "./view.ts";

/** Validity ends without an event: what is shown is asked again this often. */
const RELOAD_MS = 60_000;
const AGES_MS = 20_000;
const HEAD_START_MS = 2_500;
/** At most this many changes are read out; beyond, a reader of the screen is only disturbed. */
const MOST_SPOKEN = 5;
/** Enough outlines to know where an exercise was. */
const MOST_OUTLINES = 12;

export class App {
  private view: View;
  private say: Say;
  private frame!: Frame;
  private layers: Layer[] = [];
  private groups: Group[] = [];
  private readonly data = new Map<string, LayerData>();
  private readonly areas = new Areas();
  private readonly stage: Stage;
  private readonly lists: Lists;
  private readonly search: Search;
  private readonly dock: Dock;
  private readonly timebar: TimeBar;
  private readonly card: Card;
  private stream: Stream | undefined;
  private streamState: StreamState = "connecting";
  private reloads: ReturnType<typeof setInterval> | undefined;
  private heard = new Date();
  private readonly events: FrameEvents = {
    onView: (change) => this.go(change),
    onPane: (pane) => this.pane(pane),
  };

  constructor(private readonly host: HTMLElement) {
    this.view = readView(location.search, remembered());
    this.say = speaker(this.view.language);
    const host_ = {
      view: () => this.view,
      say: () => this.say,
      frame: () => this.frame,
      layers: () => this.layers,
      data: (id: string) => this.data.get(id),
      reading: () => this.reading(),
    };
    this.card = new Card({ ...host_, onArea: (area) => this.go({ area }) });
    this.stage = new Stage({ ...host_, groups: () => this.groups, onPick: (found) => this.card.pick(found) });
    this.lists = new Lists({
      ...host_,
      onPick: (layer, feature) => void this.onRow(layer, feature),
      here: (pick) => this.here(pick),
      onTurn: (asOf) => this.go({ asOf }),
      onEnded: (features) => void this.ended(features),
    });
    this.search = new Search(this.say, {
      onWords: (words) => {
        this.lists.search = words;
        this.lists.drawAllSoon();
      },
      ...finder({
        ...host_,
        areas: this.areas,
        onArea: (area) => {
          this.search.clear();
          this.go({ area });
        },
        onPick: (layer, feature) => void this.onRow(layer, feature),
      }),
    });
    this.dock = new Dock({
      ...host_,
      go: (change) => this.go(change),
      look: (box) => {
        this.pane("map");
        this.stage.look(box, true);
      },
      point: thereAndBack((pane) => this.pane(pane), () => this.stage.point()),
      announce: (words) => (this.frame.announcer.textContent = words),
      area: () => (this.view.area === null ? Promise.resolve(null) : this.areas.feature(this.view.area, this.view)),
      onKey: () => void this.open(),
    });
    this.timebar = new TimeBar(this.view, this.say, { onTurn: (asOf) => this.go({ asOf }, false) });
    this.redraw();
    this.listen();
  }

  private listen(): void {
    addEventListener("popstate", () => this.change(readView(location.search, remembered()), "none"));
    addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && this.card.picked.length > 0) this.card.close();
    });
    takeDrops(() => this.go({ part: "import" }));
    onPrint((canvas) => this.stage.copyTo(canvas), () => this.frame.root.querySelector("#map")!);
    setInterval(() => this.tick(), 1_000);
    setInterval(() => {
      this.lists.drawAllSoon();
      this.stage.drawLegend();
      this.timebar.tick();
    }, AGES_MS);
  }

  /** Ask for the layers, then for what is in them, then for the map. */
  async start(): Promise<void> {
    try {
      ({ groups: this.groups, layers: this.layers } = await fetchLayers(this.view));
    } catch (error) {
      this.failed(error);
      return;
    }
    this.lists.drawAll();
    this.stage.prepare();
    await this.open();
    await this.stage.open();
    void this.dock.update(this.view);
    if (this.view.area !== null) void this.toArea(this.view.area);
    await this.areas.load(this.view);
    for (const data of this.data.values()) if (data.layer.outlines !== "") this.areas.translate(data.layer, data.features.values());
    this.lists.drawAllSoon();
    this.stage.outlines = this.areas.codes();
    this.stage.drawHint();
    this.drawView();
  }

  private failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const words = this.lists.drawFailed(this.say("failed", { reason }), this.say("retry"), () => void this.start());
    drawState(this.frame, "lost", undefined, this.say);
    setTimeout(() => {
      if (words.isConnected) void this.start();
    }, 5_000);
  }

  /** Start over for the view: data, stream, clockwork. Resolves when the open lists are filled. */
  private async open(before?: View): Promise<void> {
    this.stream?.stop();
    clearInterval(this.reloads);
    // Another moment takes the place of this one without a gap; another status never does.
    const keep = before !== undefined && before.status === this.view.status && before.area === this.view.area;
    for (const layer of this.layers) {
      const old = this.data.get(layer.id);
      old?.stop();
      const data = new LayerData(layer, this.view, (changed, keys) => this.arrived(changed, keys), keep ? old : undefined);
      this.data.set(layer.id, data);
      if (!keep) this.stage.show(data);
    }
    this.lists.open(this.view);
    this.lists.drawAll();
    this.stage.turn(this.view);
    // The stream first: what changes while the lists load is then heard too.
    if (this.view.asOf === null) this.openStream();
    else {
      this.streamState = "connecting";
      drawState(this.frame, "past", undefined, this.say);
      this.dock.line("past");
    }
    const urgent = this.layers.filter((layer) => layer.board?.open);
    // The open lists have the line to themselves, but one that hangs does not hold up the others.
    const first = Promise.all(urgent.map((layer) => this.data.get(layer.id)?.reload()));
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, HEAD_START_MS))]);
    // What is in force is on the screen before anything else is asked for.
    await new Promise((resolve) => setTimeout(resolve));
    for (const layer of this.layers) if (!urgent.includes(layer)) void this.data.get(layer.id)?.reload();
    this.timebar.update(this.view, this.say, this.watched());
  }

  private openStream(): void {
    const series = this.layers.flatMap(({ board }) => (board?.chart ? [board.chart.collection] : []));
    const collections = [...new Set([...this.watched(), ...this.layers.map((l) => l.collection), ...series, ...this.dock.collections(this.view)])];
    this.stream = new Stream(streamPath(this.view, collections), this.onEvent, this.onState);
    this.reloads = setInterval(() => this.reload(), RELOAD_MS);
  }

  /** Collections whose changes are marked on the time slider: what is listed, not how sources are doing. */
  private watched(): string[] {
    const listed = this.layers.filter(({ board, tiles }) => board && !board.slim && !tiles);
    return [...new Set(listed.map(({ collection }) => collection))];
  }

  private reload(): void {
    for (const data of this.data.values()) void data.reload();
    this.timebar.renew();
  }

  private readonly onEvent = (event: ServerEvent): void => {
    this.heard = new Date();
    let change: Partial<Change>;
    try {
      change = JSON.parse(event.data) as typeof change;
    } catch {
      return; // A heartbeat in words; the stream counts it as a sign of life.
    }
    const { kind, collection, key } = change;
    if (kind === undefined || collection === undefined || key === undefined) return;
    this.dock.tell(change as Change);
    if (kind === "readings") {
      this.lists.chartsSoon(collection);
      return;
    }
    this.timebar.renew();
    this.stage.changed(collection);
    for (const data of this.data.values()) {
      if (data.layer.collection === collection) data.touch(key);
      else if (collection === EXPIRIES && data.layer.collection === key) void data.reload();
    }
  };

  private readonly onState = (state: StreamState): void => {
    // Back again: what was missed is asked for.
    if (state === "live" && this.streamState !== "live" && this.streamState !== "connecting") this.reload();
    // The first lists came with the page, before anybody listened for changes.
    if (state === "live" && this.streamState === "connecting") for (const data of this.data.values()) if (data.layer.board?.open) void data.reload();
    if (this.streamState === "live") this.heard = new Date();
    this.streamState = state;
    drawState(this.frame, state, this.heard, this.say);
    this.dock.line(state);
  };

  private arrived(data: LayerData, changed: string[]): void {
    const { layer } = data;
    if (layer.outlines !== "") {
      this.areas.translate(layer, data.features.values());
      for (const f of data.features.values()) this.areas.learn(f.id, nameOf(layer, f, "ja"), nameOf(layer, f, "en"));
    }
    if (layer.board?.open) this.lists.drawNow(layer.id);
    else this.lists.drawSoon(layer.id);
    this.lists.forecastSoon(layer.id);
    this.stage.show(data);
    if (changed.length > 0) this.announce(data, changed);
    this.card.renew(({ layer: of, feature }) => this.data.get(of.id)?.features.get(feature.id));
    if (layer.board?.open) void this.stage.aim();
    this.stage.drawHint();
    this.stage.drawLegend();
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

  private go(change: Partial<View>, push = true): void {
    this.change({ ...this.view, ...change }, push ? "push" : "replace");
  }

  private change(view: View, history_: "push" | "replace" | "none"): void {
    const { view: before } = this;
    this.view = view;
    const address = (writeView(view) || location.pathname) + location.hash;
    if (history_ === "push") history.pushState(null, "", address);
    else if (history_ === "replace") history.replaceState(null, "", address);
    if (view.language !== before.language) {
      this.say = speaker(view.language);
      remember("language", view.language);
      this.redraw();
      this.stage.speak(view);
    }
    if (view.area !== before.area) {
      remember("area", view.area);
      if (view.area !== null) void this.toArea(view.area);
      else void this.stage.aim();
    }
    if (view.status !== before.status || view.asOf !== before.asOf || view.area !== before.area) {
      if (view.status !== before.status) {
        this.card.picked = [];
        void this.relayer(view);
        void this.areas.load(view).then(() => this.drawView());
      }
      this.card.draw();
      void this.open(before);
    }
    this.drawView();
    void this.dock.update(view).then(() => this.stage.resize());
    if (view.part !== before.part) {
      this.pane(view.part === null ? "list" : "part");
      this.dock.takeFocus();
    }
  }

  /** Another status may have layers of its own, which senders drew: then the page starts over. */
  private async relayer(view: View): Promise<void> {
    const names = (layers: Layer[]): string => layers.map(({ id }) => id).join();
    const { layers } = await fetchLayers(view).catch(() => ({ layers: this.layers }));
    if (names(layers) !== names(this.layers)) location.reload();
  }

  private async here(pick: boolean): Promise<Here | null> {
    if (pick) {
      this.pane("map");
      const point = await this.stage.point();
      return point && { point, name: this.say("near_picked") };
    }
    return (await placeOf(this.card.picked[0], this.view, this.areas)) ?? { point: this.stage.centre(), name: this.say("map_centre") };
  }

  private async toArea(code: string): Promise<void> {
    const feature = await this.areas.feature(code, this.view);
    const box = feature && boxAround([feature]);
    if (feature) this.areas.learn(code, String(feature.properties["name"] ?? code), String(feature.properties["name_en"] ?? ""));
    if (box && this.view.area === code) this.stage.look(box, true);
    this.drawView();
  }

  /** Nothing is in force: look at where it was. */
  private async ended(features: Feature[]): Promise<void> {
    this.lists.drawAllSoon();
    const shapes = boxAround(features) ? features : await this.outlinesOf(features);
    const box = boxAround(shapes);
    if (box) this.stage.look(box);
  }

  private async outlinesOf(features: Feature[]): Promise<Feature[]> {
    const found = await Promise.all(features.slice(0, MOST_OUTLINES).map(({ id }) => this.areas.feature(id, this.view)));
    return found.filter((feature) => feature !== null);
  }

  private async onRow(layer: Layer, feature: Feature): Promise<void> {
    this.card.pick([{ layer, feature }]);
    this.pane("map");
    const shape = layer.outlines === "" ? feature : await this.areas.feature(feature.id, this.view);
    const box = shape && boxAround([shape]);
    if (box) this.stage.look(box, true);
  }

  private pane(pane: Pane): void {
    document.body.dataset["pane"] = pane;
    markPane(this.frame, pane, this.view);
    this.stage.resize();
  }

  /** Draw the frame and all that is in it, in the view's language. */
  private redraw(): void {
    const focus = document.activeElement?.className;
    this.search.draw(this.say);
    const kept = { map: this.stage.root, search: this.search.root, dock: this.dock.root, timebar: this.timebar.root };
    this.frame = drawFrame(this.view, this.say, kept, this.events);
    this.host.replaceChildren(this.frame.root);
    if (focus) this.frame.root.querySelector<HTMLElement>(`.${CSS.escape(focus.split(" ").at(-1)!)}`)?.focus();
    this.drawView();
    this.pane((document.body.dataset["pane"] as Pane | undefined) ?? (this.view.part === null ? "list" : "part"));
    this.tick();
    this.lists.drawAll();
    this.stage.drawLegend();
    this.card.draw();
    this.stage.drawHint();
    drawState(this.frame, this.view.asOf === null ? this.streamState : "past", this.heard, this.say);
  }

  private drawView(): void {
    const { area, language } = this.view;
    drawView(this.frame, this.view, area === null ? "" : this.areas.name(area, language), Dock.offered(this.view), this.say, this.events);
    this.timebar.update(this.view, this.say, this.watched());
  }

  private tick(): void {
    const now = new Date();
    const [date, time] = fullTime(now).split(" ");
    this.frame.clock.replaceChildren(h("span", { class: "clock-date" }, `${date} `), `${time} JST`);
    this.frame.clock.setAttribute("datetime", now.toISOString());
  }

  private reading(): Reading {
    const now = this.view.asOf === null ? new Date() : new Date(this.view.asOf);
    return { language: this.view.language, say: this.say, now };
  }
}
