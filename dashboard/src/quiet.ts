/** An exercise that is over leaves empty lists: say so, since when, and how to see it again. */
import { fetchItems, itemsPath } from "./api.ts";
import { groups, sinceOf } from "./board.ts";
import type { LayerData } from "./data.ts";
import { h } from "./dom.ts";
import type { Reading } from "./fields.ts";
import { patch } from "./patch.ts";
import { age, clock } from "./time.ts";
import type { Feature, View } from "./types.ts";

/** A drill at sixty times life lasts nine minutes, one at life's own pace nine hours. */
const BACK_MINUTES = [5, 15, 60];

/** What holds, beside what happened once and how the sources are doing. */
export function holding(all: LayerData[]): LayerData[] {
  return all.filter(({ held, layer: { board } }) => held && board && !board.happens && !board.slim);
}

/** Whether every list has been loaded and all are empty, in an exercise or a test, now. */
export function isQuiet(all: LayerData[], view: View): boolean {
  if (view.status === "actual" || view.asOf !== null) return false;
  const lists = holding(all);
  return lists.length > 0 && lists.every((d) => d.load.state === "ready" && d.at && groups(d.layer, d.features.values()).length === 0);
}

export class Quiet {
  private was = false;
  /** The last change of what is no longer in force; undefined until known, null if nothing came. */
  private last: Date | null | undefined;

  constructor(
    private readonly onLookBack: (asOf: string) => void,
    private readonly onKnown: (ended: Feature[]) => void,
  ) {}

  /** Put the notice on top of the lists, or take it away. */
  draw(boards: HTMLElement, all: LayerData[], view: View, reading: Reading): void {
    const before = boards.querySelector(".quiet");
    const quiet = isQuiet(all, view);
    if (quiet && !this.was) void this.ask(all, view);
    this.was = quiet;
    if (!quiet || this.last === undefined) {
      before?.remove();
      return;
    }
    const drawn = notice(view, this.last, reading, this.onLookBack);
    if (before) patch(before, drawn);
    else boards.prepend(drawn);
  }

  /** What has ended still stands, as level 0 or closed: the newest of that is the last change. */
  private async ask(all: LayerData[], view: View): Promise<void> {
    this.last = undefined;
    try {
      const ended = await Promise.all(
        holding(all.filter(({ received }) => received)).map(async ({ layer }) => {
          const found = await fetchItems(itemsPath({ ...layer, filter: "", days: null }, view));
          return found.map((feature) => ({ feature, since: sinceOf(layer, feature)?.getTime() ?? 0 }));
        }),
      );
      const newest = ended.flat().reduce((last, { since }) => Math.max(last, since), 0);
      this.last = newest > 0 ? new Date(newest) : null;
      this.onKnown(ended.flat().map(({ feature }) => feature));
    } catch {
      this.was = false; // Asked again with the next drawing.
    }
  }
}

function notice(view: View, last: Date | null, { say, now }: Reading, onLookBack: (asOf: string) => void): HTMLElement {
  const before = (minutes: number): string => new Date(last!.getTime() - minutes * 60_000).toISOString();
  return h(
    "section",
    { class: "quiet", role: "status" },
    h("h2", {}, say(`${last ? "quiet" : "quiet_never"}${view.status === "test" ? "_test" : ""}`)),
    last && h("p", {}, say("quiet_since", { time: `${clock(last, now)} JST`, age: age(last, now, say) })),
    last &&
      h(
        "p",
        { class: "quiet-back" },
        h("span", {}, say("quiet_back")),
        ...BACK_MINUTES.map((count) =>
          h("button", { type: "button", "data-focus": `quiet-${count}`, onclick: () => onLookBack(before(count)) }, say("quiet_minutes", { count })),
        ),
      ),
    view.status === "exercise" && h("p", {}, say(last ? "quiet_again" : "quiet_play"), " ", h("code", {}, "hinomi drill")),
  );
}
