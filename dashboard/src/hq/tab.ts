/** A list of the headquarters: it asks, shows what waits and what failed, and asks again on a change. */
import { h } from "../dom.ts";
import { settle } from "../rove.ts";
import type { Office } from "./office.ts";
import type { Say } from "./words.ts";

export interface Tab {
  id: string;
  root: HTMLElement;
  /** Collections whose changes concern it. */
  collections: string[];
  load(): Promise<void>;
  /** Who may write, or the language, has changed: draw everything anew. */
  reset(): Promise<void>;
}

/** Call at most once in so long, and once more at the end. */
export function calmly(work: () => void, wait_ms = 250): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait_ms);
  };
}

const OPEN = '.act-form, [aria-expanded="true"]';

/** Fill a list anew. An item that somebody works in (its actions are open) stays as it is, where it is. */
export async function fill(list: HTMLElement, say: Say, ask: () => Promise<HTMLElement[]>, empty: string): Promise<void> {
  if (list.childElementCount === 0) list.replaceChildren(h("li", { class: "skeleton", role: "status" }, say("loading"), h("i")));
  try {
    const found = await ask();
    const at = document.activeElement?.closest<HTMLElement>("li[data-key]");
    const key = at && list.contains(at) ? at.dataset["key"] : undefined;
    const before = new Map(([...list.children] as HTMLElement[]).map((row) => [row.dataset["key"], row]));
    const rows = found.map((row) => {
      const old = row.dataset["key"] === undefined ? undefined : before.get(row.dataset["key"]);
      return old && (old.querySelector(OPEN) || same(old, row)) ? old : row;
    });
    place(list, rows.length > 0 ? rows : [h("li", { class: "calm" }, empty)]);
    list.dataset["rove"] = "button.actions";
    settle(list);
    // The keyboard stays at the item that it was at.
    if (key !== undefined && !list.contains(document.activeElement)) list.querySelector<HTMLElement>(`li[data-key="${CSS.escape(key)}"] button`)?.focus();
  } catch (error) {
    if (list.querySelector(OPEN)) return;
    list.replaceChildren(h("li", { class: "failed", role: "alert" }, say("failed", { reason: (error as Error).message })));
  }
}

/** Whether two rows say the same: then the one that is there stays, with whatever points at it. */
function same(old: HTMLElement, row: HTMLElement): boolean {
  for (const stop of old.querySelectorAll("button.actions[tabindex]")) stop.removeAttribute("tabindex");
  return old.isEqualNode(row);
}

/** Put rows into a list in this order; those that are in it already are not taken out: focus and typing last. */
function place(list: HTMLElement, rows: HTMLElement[]): void {
  const kept = new Set(rows);
  for (const old of [...list.children]) if (!kept.has(old as HTMLElement)) old.remove();
  let next = list.firstElementChild;
  for (const row of rows) {
    if (row === next) next = next.nextElementSibling;
    else list.insertBefore(row, next);
  }
}

export interface Room {
  office: Office;
  say(): Say;
}
