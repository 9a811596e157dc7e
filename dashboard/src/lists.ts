/** The lists beside the map: draws each board when its data or the reading changes. */
import { drawBoard, type BoardOptions } from "./board.ts";
import { Curves } from "./chart.ts";
import type { LayerData } from "./data.ts";
import { h } from "./dom.ts";
import type { Reading } from "./fields.ts";
import type { Frame } from "./frame.ts";
import { Quiet } from "./quiet.ts";
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
  onTurn(asOf: string): void;
  onEnded(features: Feature[]): void;
}

export class Lists {
  search = "";
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
    boards.replaceChildren();
    foot.replaceChildren();
    for (const { id } of layers) this.draw(id);
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
        this.drawQuiet();
      });
    }
    this.waiting.add(id);
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

  private draw(id: string): void {
    const data = this.host.data(id);
    const board = data?.layer.board;
    const { root, boards, foot } = this.host.frame();
    const before = root.querySelector<HTMLElement>(`#board-${CSS.escape(id)}`);
    if (!data || !board || !data.held) {
      before?.remove();
      return;
    }
    const focus = (document.activeElement as HTMLElement | null)?.dataset["focus"];
    const options = this.options(id);
    const drawn = board.slim ? drawStrip(data, board, options, before) : drawBoard(data, board, options);
    if (before) before.replaceWith(drawn);
    else this.insert(drawn, id, board.slim ? foot : boards);
    if (focus) drawn.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  }

  /** At its place among those that are there. */
  private insert(drawn: HTMLElement, id: string, into: HTMLElement): void {
    const order = this.host.layers().map((layer) => `board-${layer.id}`);
    const after = order.slice(order.indexOf(`board-${id}`) + 1);
    into.insertBefore(drawn, [...into.children].find((child) => after.includes(child.id)) ?? null);
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
      unfolded: this.unfolded,
      points: (series, hours) => this.curves?.points(series, hours),
      onPick: (layer, feature) => this.host.onPick(layer, feature),
      onOnly: (layer, index) => {
        if (index === null) this.only.delete(layer.id);
        else this.only.set(layer.id, index);
        this.draw(layer.id);
      },
      onUnfold: (group) => {
        this.unfolded.add(group);
        this.draw(id);
      },
      onRetry: (data) => void data.reload(),
    };
  }
}
