/** The search: narrows the lists while one types, and offers places to go to or to narrow to. */
import { h } from "./dom.ts";
import type { Say } from "./text.ts";

/** Something that can be chosen from below the search box. */
export interface Hit {
  name: string;
  /** What it is, in small letters. */
  kind: string;
  choose(): void;
}

export interface SearchEvents {
  /** What is typed has changed: lists are narrowed by it. */
  onWords(words: string): void;
  /** What is known at once. */
  near(words: string): Hit[];
  /** What the server knows. */
  far(words: string, signal: AbortSignal): Promise<Hit[]>;
}

const PAUSE_MS = 300;
const FEWEST = 2;

export class Search {
  readonly root = h("div", { class: "search", role: "search" });
  private input!: HTMLInputElement;
  private list!: HTMLElement;
  private hits: Hit[] = [];
  private active = -1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private aborter: AbortController | undefined;

  constructor(
    say: Say,
    private readonly events: SearchEvents,
  ) {
    this.draw(say);
  }

  /** Write it anew in another language; what is typed stays. */
  draw(say: Say): void {
    const value = this.input?.value ?? "";
    this.list = h("ul", { id: "hits", role: "listbox", "aria-label": say("hits"), hidden: true });
    this.input = h("input", {
      type: "search",
      id: "search",
      role: "combobox",
      placeholder: say("search"),
      "aria-label": say("search"),
      "aria-controls": "hits",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      autocomplete: "off",
      value,
      oninput: () => this.typed(),
      onkeydown: (event) => this.pressed(event as KeyboardEvent),
      onblur: () => setTimeout(() => this.leave(), 150),
      onfocus: () => this.hits.length > 0 && this.show(),
    });
    this.root.replaceChildren(this.input, this.list);
  }

  get words(): string {
    return this.input.value.trim();
  }

  clear(): void {
    this.input.value = "";
    this.hits = [];
    this.leave();
    this.events.onWords("");
  }

  private typed(): void {
    const { words } = this;
    this.events.onWords(words);
    clearTimeout(this.timer);
    this.aborter?.abort();
    this.offer(words.length > 0 ? this.events.near(words) : []);
    if (words.length < FEWEST) return;
    const aborter = (this.aborter = new AbortController());
    this.timer = setTimeout(() => {
      this.events.far(words, aborter.signal).then(
        (found) => !aborter.signal.aborted && this.offer([...this.events.near(words), ...found]),
        () => undefined, // What is known here has been offered already.
      );
    }, PAUSE_MS);
  }

  private offer(hits: Hit[]): void {
    this.hits = hits;
    this.active = -1;
    this.list.replaceChildren(
      ...hits.map((hit, i) =>
        h(
          "li",
          { role: "option", id: `hit-${i}`, "aria-selected": "false", onpointerdown: (event) => event.preventDefault(), onclick: () => this.choose(i) },
          h("span", {}, hit.name),
          h("small", {}, hit.kind),
        ),
      ),
    );
    if (hits.length > 0) this.show();
    else this.close();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      if (this.list.hidden) this.clear();
      else this.leave();
      event.stopPropagation();
    } else if (event.key === "Enter" && this.hits.length > 0 && !event.isComposing) {
      // A name typed out and Enter is enough: the first is the best.
      event.preventDefault();
      this.choose(Math.max(0, this.active));
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.hits.length > 0) {
      event.preventDefault();
      this.show();
      const count = this.hits.length;
      this.mark((this.active + (event.key === "ArrowDown" ? 1 : -1) + count + (this.active < 0 && event.key === "ArrowUp" ? 1 : 0)) % count);
    }
  }

  private mark(index: number): void {
    this.active = index;
    for (const [i, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(i === index));
    this.input.setAttribute("aria-activedescendant", `hit-${index}`);
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  private choose(index: number): void {
    const hit = this.hits[index];
    this.leave();
    hit?.choose();
  }

  /** Close for good: what the server still finds does not open the list again, over what is below it. */
  private leave(): void {
    clearTimeout(this.timer);
    this.aborter?.abort();
    this.close();
  }

  private show(): void {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  private close(): void {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
