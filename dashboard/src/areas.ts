/** The municipalities: their names for the search, and the outline of the one that is chosen. */
import { fetchItems, fetchJson, itemPath, viewQuery } from "./api.ts";
import type { Feature, Language, Layer, View } from "./types.ts";

const COLLECTION = "areas";
const MOST = "10000";

export interface Named {
  code: string;
  name: string;
  /** Empty where the table has none. */
  name_en: string;
  prefecture: string;
}

export class Areas {
  private known = new Map<string, Named>();
  private loading: Promise<void> | undefined;
  private status: View["status"] | undefined;
  private table: ReadonlySet<string> | undefined;

  /** Have the table at hand; asked once a status. Without boundaries it is empty. */
  load(view: View): Promise<void> {
    if (this.status !== view.status) {
      this.status = view.status;
      this.loading = this.ask(view).catch(() => {
        this.status = undefined; // Asked again the next time.
      });
    }
    return this.loading ?? Promise.resolve();
  }

  /** Learn names from elsewhere: lists name municipalities too, and are there before the table. */
  learn(code: string, name: string, name_en: string): void {
    if (!this.known.has(code)) this.known.set(code, { code, name, name_en, prefecture: "" });
  }

  /** The municipalities that have an outline; undefined while that is not known. */
  codes(): ReadonlySet<string> | undefined {
    return this.table;
  }

  name(code: string, language: Language): string {
    const found = this.known.get(code);
    return (language === "en" && found?.name_en) || found?.name || code;
  }

  /** Write the table's English names where a statement about a municipality has none of its own. */
  translate(layer: Layer, features: Iterable<Feature>): void {
    for (const { id, properties } of features) {
      const name_en = this.known.get(id)?.name_en;
      if (name_en && properties[layer.name.en] === properties[layer.name.ja]) properties[layer.name.en] = name_en;
    }
  }

  /** Municipalities whose name begins with, else contains, what was typed. */
  find(words: string, most: number): Named[] {
    const wanted = words.toLowerCase();
    const ranked = [...this.known.values()].flatMap((area) => {
      const places = [area.name, area.name_en.toLowerCase(), `${area.prefecture}${area.name}`].map((name) => name.indexOf(wanted));
      const at = Math.min(...places.map((place) => (place < 0 ? Infinity : place)));
      return at === Infinity ? [] : [{ area, at }];
    });
    ranked.sort((a, b) => a.at - b.at || (a.area.code < b.area.code ? -1 : 1));
    return ranked.slice(0, most).map(({ area }) => area);
  }

  /** A municipality with its outline; null where there is none. */
  async feature(code: string, view: View): Promise<Feature | null> {
    try {
      const path = itemPath(COLLECTION, code, { ...view, asOf: null });
      return (await fetchJson(view.status === "actual" ? path : path.replace(`status=${view.status}`, "status=any"))) as Feature;
    } catch {
      return null;
    }
  }

  private async ask(view: View): Promise<void> {
    const query = new URLSearchParams({
      ...viewQuery({ ...view, asOf: null }),
      ...(view.status === "actual" ? {} : { status: "any" }),
      f: "json",
      limit: MOST,
      filter: "kind = 'municipality'",
      "skip-geometry": "true",
    });
    const found = await fetchItems(`collections/${COLLECTION}/items?${query}`);
    this.table = new Set(found.map(({ id }) => id));
    // Another status' names go: an exercise's towns are not to be found among the actual ones.
    this.known = new Map(
      found.map(({ id, properties }) => [
        id,
        { code: id, name: text(properties["name"]), name_en: text(properties["name_en"]), prefecture: text(properties["prefecture"]) },
      ]),
    );
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
