/**
 * One tab stop for a list of many rows: the arrows go from row to row, Home and End to the ends.
 * A list says which of its elements are rows by `data-rove`, a selector.
 */

const STOPS = new WeakMap<HTMLElement, string>();
const KEYS = ["ArrowDown", "ArrowUp", "Home", "End"];

/** Leave one row of a list in the order of the tabulator: where the keyboard is or was, else the first. */
export function settle(list: HTMLElement): void {
  const rows = rowsOf(list);
  const stop = rows.find((row) => row === document.activeElement) ?? rows.find((row) => nameOf(row) === STOPS.get(list)) ?? rows[0];
  for (const row of rows) row.tabIndex = row === stop ? 0 : -1;
}

/** Hear the keys of all such lists below an element. */
export function takeArrows(root: HTMLElement): void {
  root.addEventListener("focusin", ({ target }) => {
    const { list, row } = at(target);
    if (!list || !row || row.tabIndex === 0) return;
    STOPS.set(list, nameOf(row));
    settle(list);
  });
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !KEYS.includes(event.key)) return;
    const { list, row } = at(event.target);
    if (!list || !row) return;
    event.preventDefault();
    const rows = rowsOf(list);
    const here = rows.indexOf(row);
    const goal = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key]!;
    rows[Math.min(Math.max(goal, 0), rows.length - 1)]?.focus();
  });
}

function at(target: EventTarget | null): { list: HTMLElement | null; row: HTMLElement | null } {
  const list = target instanceof Element ? target.closest<HTMLElement>("[data-rove]") : null;
  return { list, row: list ? (target as Element).closest<HTMLElement>(list.dataset["rove"]!) : null };
}

function nameOf(row: HTMLElement): string {
  return row.dataset["focus"] ?? row.closest<HTMLElement>("[data-key]")?.dataset["key"] ?? "";
}

function rowsOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(list.dataset["rove"]!)];
}
