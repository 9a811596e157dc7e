/** The panel beside the map that a part of the screen is mounted into, and the parts' tabs. */
import { caller, fetchItems, fetchJson, keepKey, key, problemOf, viewQuery } from "./api.ts";
import { h } from "./dom.ts";
import type { Api, Change, Line, PartEntry, PartHandle } from "./part.ts";
import { PARTS } from "./parts.ts";
import type { Say } from "./text.ts";
import type { BBox, Feature, View } from "./types.ts";

/** What the dock needs of the page. */
export interface Host {
  view(): View;
  say(): Say;
  go(change: Partial<View>): void;
  look(box: BBox): void;
  point(): Promise<[number, number] | null>;
  announce(words: string): void;
  area(): Promise<Feature | null>;
  /** A key has come or gone: everything is asked for anew. */
  onKey(): void;
}

export class Dock {
  readonly root = h("section", { class: "pane dock", id: "part", hidden: true, tabindex: -1 });
  private open: { entry: PartEntry; handle: PartHandle | undefined } | undefined;
  private readonly api: Api;

  constructor(private readonly host: Host) {
    this.api = apiFor(host);
    this.root.addEventListener("keydown", ({ key, target, defaultPrevented }) => {
      if (key !== "Escape" || defaultPrevented || (target as Element).closest("form")) return;
      document.querySelector<HTMLElement>(".part-switch[aria-pressed=true]")?.focus();
    });
  }

  /** The parts that are offered under a view. */
  static offered(view: View): PartEntry[] {
    return PARTS.filter(({ statuses }) => statuses.includes(view.status));
  }

  /** Collections that the view's part wants to hear of, though its program may not have come yet. */
  collections(view: View): string[] {
    return Dock.offered(view).find(({ id }) => id === view.part)?.collections ?? [];
  }

  /** Follow the view: open, close, or tell the part that is there. */
  async update(view: View): Promise<void> {
    const entry = Dock.offered(view).find(({ id }) => id === view.part);
    this.root.hidden = entry === undefined;
    document.body.dataset["part"] = entry?.id ?? "";
    // Beside a part the map is small: the legend would cover it.
    if (entry && entry.id !== this.open?.entry.id) document.querySelector(".legend")?.removeAttribute("open");
    if (entry?.id === this.open?.entry.id) {
      this.open?.handle?.onView(view);
      return;
    }
    this.open?.handle?.unmount();
    this.open = entry ? { entry, handle: undefined } : undefined;
    this.root.replaceChildren();
    if (entry) await this.mount(entry);
  }

  /** Who has opened a part by its switch goes on in it; Escape leads back to the switch. */
  takeFocus(): void {
    const { activeElement } = document;
    if (this.open && (activeElement === document.body || activeElement?.matches(".part-switch, .tabs button"))) this.root.focus({ preventScroll: true });
  }

  tell(change: Change): void {
    this.open?.handle?.onChange?.(change);
  }

  line(state: Line): void {
    this.open?.handle?.onLine?.(state);
  }

  private async mount(entry: PartEntry): Promise<void> {
    const say = this.host.say();
    const { language } = this.host.view();
    this.root.setAttribute("aria-label", entry.title[language]);
    this.root.replaceChildren(h("div", { class: "skeleton", role: "status" }, h("span", {}, say("loading")), h("i"), h("i")));
    try {
      const part = await entry.load();
      if (this.open?.entry !== entry) return;
      const root = h("div", { class: `part part-${entry.id}` });
      this.root.replaceChildren(root);
      this.open.handle = part.mount(root, this.host.view(), this.api);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.root.replaceChildren(
        h("p", { class: "failed", role: "alert" }, say("failed", { reason }), " ", h("button", { type: "button", onclick: () => void this.mount(entry) }, say("retry"))),
      );
    }
  }
}

/** A path under a view: its status and moment are added unless the path names them. */
export function underView(path: string, view: View): string {
  const [address, query = ""] = path.split("?", 2) as [string, string?];
  const found = new URLSearchParams(query);
  for (const [name, value] of Object.entries(viewQuery(view))) if (!found.has(name)) found.set(name, value);
  const text = found.toString();
  return text ? `${address}?${text}` : address;
}

function apiFor(host: Host): Api {
  return {
    get: (path, signal) => fetchJson(underView(path, host.view()), signal),
    items: (collection, query = {}, signal) => {
      const asked = new URLSearchParams({ f: "json", limit: "1000", ...query });
      return fetchItems(underView(`collections/${encodeURIComponent(collection)}/items?${asked}`, host.view()), signal);
    },
    async send(method, path, body, headers = {}) {
      const answer = await fetch(path, {
        method,
        headers: { ...caller(), ...(body === undefined ? {} : { "Content-Type": "application/geo+json" }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw await problemOf(answer);
      const text = await answer.text();
      return { status: answer.status, etag: answer.headers.get("ETag"), body: text ? (JSON.parse(text) as unknown) : null };
    },
    href: (path) => underView(path, host.view()),
    hasKey: () => key() !== "",
    setKey: (value) => {
      keepKey(value);
      host.onKey();
    },
    go: (change) => host.go(change),
    look: (box) => host.look(box),
    point: () => host.point(),
    announce: (words) => host.announce(words),
    area: () => host.area(),
  };
}

