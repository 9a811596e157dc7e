/** The lists beside the map: draws each board when its data or the reading changes. */
import { drawBoard, groups, type BoardOptions } from "./board.ts";
import { Curves } from "./chart.ts";
import type { LayerData } from "./data.ts";
import { h } from "./dom.ts";
import type { Reading } from "./fields.ts";
import type { Frame } from "./frame.ts";
import type { Here } from "./near.ts";
import { patch, patchChildren } from "./patch.ts";
import { Quiet } from "./quiet.ts";
import { settle } from "./rove.ts";
import { drawStrip } from "./strip.ts";
import type { Feature, Layer, View } from "./types.ts";

/** What the lists need of the page. */
export interface ListsHost {
  view(): View;
  frame(): Frame;
  layers(): Layer[];
  data(id: string): LayerData | undefined;
  reading(): Reading;
  onPick(layer: Layer, feature: Feature): void;
  /** The place that the reader has in view, or (`pick`) chooses on the map. */
  here(pick: boolean): Promise<Here | null>;
  onTurn(asOf: string): void;
  onEnded(features: Feature[]): void;
}

const ROWS = ".row, .strip-row";

export class Lists {
  search = "";
  private recent = false;
  private readonly near = new Map<string, Here>();
  private readonly only = new Map<string, number>();
  private readonly unfolded = new Set<string>();
  private readonly waiting = new Set<string>();
  private readonly quiet: Quiet;
  private curves: Curves | undefined;

  constructor(private readonly host: ListsHost) {
    this.quiet = new Quiet((asOf) => host.onTurn(asOf), (ended) => host.onEnded(ended));
  }

  /** Another view: its charts are others. */
  open(view: View): void {
    this.curves = new Curves(view, () => this.chartsSoon());
  }

  /** Draw all anew, in the order in which the layers are declared. */
  drawAll(): void {
    const { boards, foot } = this.host.frame();
    const layers = this.host.layers();
    if (layers.length === 0) {
      const words = this.host.reading().say("loading");
      boards.replaceChildren(h("div", { class: "skeleton", role: "status" }, h("span", {}, words), h("i"), h("i")));
      return;
    }
    const drawn = new Set(layers.map(({ id }) => `board-${id}`));
    for (const old of [...boards.children, ...foot.children]) if (!drawn.has(old.id)) old.remove();
    for (const { id } of layers) this.draw(id);
    this.drawJump();
    this.drawQuiet();
  }

  /** Nothing could be had at all: say why, with a way to try again. */
  drawFailed(words: string, retry: string, onRetry: () => void): HTMLElement {
    const failed = h("p", { class: "failed", role: "alert" }, words, " ", h("button", { type: "button", onclick: onRetry }, retry));
    this.host.frame().boards.replaceChildren(failed);
    return failed;
  }

  /** Draw a board with the next frame, however often it is asked for. */
  drawSoon(id: string): void {
    if (this.waiting.size === 0) {
      requestAnimationFrame(() => {
        for (const waiting of this.waiting) this.draw(waiting);
        this.waiting.clear();
        this.drawJump();
        this.drawQuiet();
      });
    }
    this.waiting.add(id);
  }

  /** Draw a board at once: nobody waits for the next frame to see what is in force. */
  drawNow(id: string): void {
    this.draw(id);
    this.drawSoon(id);
  }

  drawAllSoon(): void {
    for (const { id } of this.host.layers()) this.drawSoon(id);
  }

  /** New readings of a series collection: charts of it ask again when they are drawn. */
  chartsSoon(collection?: string): void {
    for (const { id, board } of this.host.layers()) {
      if (board?.chart && (collection === undefined || board.chart.collection === collection)) this.drawSoon(id);
    }
  }

  /** New forecasts of a layer: charts that show them are drawn again. */
  forecastSoon(layer: string): void {
    for (const { id, board } of this.host.layers()) if (board?.chart?.forecast === layer) this.drawSoon(id);
  }

  private draw(id: string): void {
    const data = this.host.data(id);
    const board = data?.layer.board;
    const { root, boards, foot } = this.host.frame();
    const before = root.querySelector<HTMLElement>(`#board-${CSS.escape(id)}`);
    if (!data || !board || !data.held) {
      before?.remove();
      return;
    }
    const options = this.options(id);
    const drawn = board.slim ? drawStrip(data, board, options, before) : drawBoard(data, board, options);
    if (!before) {
      this.insert(drawn, id, board.slim ? foot : boards);
      settle(drawn);
      return;
    }
    const rows = [...before.querySelectorAll<HTMLElement>(ROWS)];
    const at = rows.findIndex((row) => row === document.activeElement);
    const inside = before.contains(document.activeElement);
    patch(before, drawn);
    settle(before);
    if (inside && !before.contains(document.activeElement)) this.catch(before, at);
  }

  /** What had the keyboard is gone: the row that took its place has it now, else the list. */
  private catch(board: HTMLElement, at: number): void {
    const rows = [...board.querySelectorAll<HTMLElement>(ROWS)];
    const goal = rows[Math.min(Math.max(at, 0), rows.length - 1)] ?? this.host.frame().boards;
    goal.focus({ preventScroll: true });
  }

  /** At its place among those that are there. */
  private insert(drawn: HTMLElement, id: string, into: HTMLElement): void {
    const order = this.listed().map((layer) => `board-${layer.id}`);
    const after = order.slice(order.indexOf(`board-${id}`) + 1);
    into.insertBefore(drawn, [...into.children].find((child) => after.includes(child.id)) ?? null);
  }

  /** The layers in the order of their lists: what a town has ordered stands above what made it. */
  private listed(): Layer[] {
    return this.host.layers().toSorted((a, b) => Number(b.board?.first ?? false) - Number(a.board?.first ?? false));
  }

  /** Where the lists are and how long: one scrolls past none of them unawares. */
  private drawJump(): void {
    const { jump, boards } = this.host.frame();
    const { say, language } = this.host.reading();
    const buttons = this.listed().flatMap((layer) => {
      const data = this.host.data(layer.id);
      if (!data?.held || !layer.board || layer.board.slim) return [];
      const count = groups(layer, data.features.values()).reduce((sum, { rows }) => sum + rows.length, 0);
      if (count === 0) return [];
      const go = (): void => {
        const board = boards.querySelector<HTMLElement>(`#board-${CSS.escape(layer.id)}`);
        board?.scrollIntoView({ block: "start" });
        board?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
      };
      return [h("button", { type: "button", class: "jump-to", "data-focus": `jump-${layer.id}`, onclick: go }, layer.board.title[language], h("b", {}, count.toLocaleString(language)))];
    });
    const recent = h(
      "button",
      {
        type: "button",
        class: "jump-recent",
        "aria-pressed": String(this.recent),
        "data-focus": "recent",
        onclick: () => {
          this.recent = !this.recent;
          this.drawAll();
        },
      },
      say("recent"),
    );
    patchChildren(jump, [...buttons, recent]);
  }

  private async measure(layer: Layer, how: "here" | "pick" | null): Promise<void> {
    if (how === null) this.near.delete(layer.id);
    else {
      const here = await this.host.here(how === "pick");
      if (here) this.near.set(layer.id, here);
    }
    this.draw(layer.id);
  }

  private drawQuiet(): void {
    const all = this.host.layers().flatMap(({ id }) => this.host.data(id) ?? []);
    this.quiet.draw(this.host.frame().boards, all, this.host.view(), this.host.reading());
  }

  private options(id: string): BoardOptions {
    return {
      ...this.host.reading(),
      search: this.search,
      only: this.only.get(id) ?? null,
      recent: this.recent,
      near: this.near.get(id) ?? null,
      unfolded: this.unfolded,
      points: (series, hours) => this.curves?.points(series, hours),
      ahead: (layer, key) => this.host.data(layer)?.features.get(key),
      onPick: (layer, feature) => this.host.onPick(layer, feature),
      onOnly: (layer, index) => {
        if (index === null) this.only.delete(layer.id);
        else this.only.set(layer.id, index);
        this.draw(layer.id);
      },
      onNear: (layer, how) => void this.measure(layer, how),
      onUnfold: (group) => {
        this.unfolded.add(group);
        this.draw(id);
      },
      onRetry: (data) => void data.reload(),
    };
  }
}
