/** What the search finds: municipalities to narrow to, and things by name, here or at the server. */
import { fetchItems, quoted, viewQuery } from "./api.ts";
import type { Areas } from "./areas.ts";
import { nameOf } from "./classes.ts";
import type { LayerData } from "./data.ts";
import type { Hit, SearchEvents } from "./search.ts";
import type { Say } from "./text.ts";
import type { Feature, Layer, View } from "./types.ts";

const MOST = 6;

export interface FinderHost {
  view(): View;
  say(): Say;
  layers(): Layer[];
  data(id: string): LayerData | undefined;
  areas: Areas;
  onArea(code: string): void;
  onPick(layer: Layer, feature: Feature): void;
}

export function finder(host: FinderHost): Pick<SearchEvents, "near" | "far"> {
  const hit = (layer: Layer, feature: Feature): Hit => {
    const { language } = host.view();
    const place = feature.properties["municipality"];
    return {
      name: nameOf(layer, feature, language),
      kind: [layer.title[language], typeof place === "string" ? place : ""].filter(Boolean).join(" · "),
      choose: () => host.onPick(layer, feature),
    };
  };
  return {
    near(words) {
      const { language } = host.view();
      const towns = host.areas.find(words, MOST).map(({ code, prefecture }) => ({
        name: host.areas.name(code, language),
        kind: [prefecture, host.say()("narrow_to")].filter(Boolean).join(" · "),
        choose: () => host.onArea(code),
      }));
      const listed = host.layers().flatMap((layer) => {
        if (!layer.board || layer.board.slim || layer.outlines !== "") return [];
        const features = [...(host.data(layer.id)?.features.values() ?? [])];
        return features.filter((f) => nameOf(layer, f, language).toLowerCase().includes(words.toLowerCase())).map((f) => hit(layer, f));
      });
      return [...towns, ...listed.slice(0, MOST)];
    },
    async far(words, signal) {
      const view = host.view();
      const layers = host.layers().filter(({ tiles, reference, name }) => tiles && !reference && name.ja !== "");
      const found = await Promise.all(
        layers.map(async (layer) => {
          const names = [...new Set([layer.name.ja, layer.name.en])];
          const like = names.map((name) => `${name} LIKE ${quoted(`%${words}%`)}`).join(" OR ");
          const filter = layer.filter ? `(${layer.filter}) AND (${like})` : like;
          const query = new URLSearchParams({ ...viewQuery(view), f: "json", limit: String(MOST), filter });
          const path = `collections/${encodeURIComponent(layer.collection)}/items?${query}`;
          return (await fetchItems(path, signal, MOST)).map((feature) => hit(layer, feature));
        }),
      );
      return found.flat();
    },
  };
}
