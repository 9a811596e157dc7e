/** 発表者ごとの記述: what each source says of the thing on the card, asked for when it is opened. */
import { fetchJson, viewQuery } from "../api.ts";
import { h } from "../dom.ts";
import type { Reading } from "../fields.ts";
import { boxAround } from "../geo.ts";
import { clock, moment } from "../time.ts";
import type { Feature, Language, View } from "../types.ts";
import { MERGED, PLACES, placeOf, type Place, type Statement } from "./places.ts";
import { fieldName, isTold, speaker, valueText, type Say } from "./words.ts";

/** Statements about one thing lie within so much of each other [degrees]. */
const AROUND = 0.01;
const MOST = 1000;

/** A fold for the card; null for what is never merged. */
export function drawStatements(collection: string, feature: Feature, view: View, reading: Reading): HTMLElement | null {
  if (!MERGED.has(collection)) return null;
  const say = speaker(reading.language);
  const list = h("ul", { class: "origins merge-statements", role: "status" });
  const title = h("summary", {}, say("each"));
  const fold = h("details", { class: "origins-fold" }, title, list);
  fold.addEventListener("toggle", () => {
    if (!fold.open || list.childElementCount > 0) return;
    list.replaceChildren(h("li", {}, say("loading")));
    find(collection, feature, view).then(
      (place) => {
        const statements = place?.statements ?? [];
        title.textContent = say("statements", { count: Math.max(1, statements.length) });
        list.replaceChildren(...(statements.length > 1 ? statements.map((s) => drawStatement(s, reading.language, say, reading.now)) : [h("li", {}, say("alone"))]));
      },
      (error: unknown) => list.replaceChildren(h("li", { class: "failed" }, say("failed", { reason: error instanceof Error ? error.message : String(error) }))),
    );
  });
  return fold;
}

/** One source's statement: who, when, what. */
export function drawStatement(statement: Statement, language: Language, say: Say, now: Date): HTMLElement {
  const at = moment(statement.said_at);
  const values = Object.entries(statement.values ?? {}).filter(([field]) => isTold(field));
  const name = statement.values?.["name"];
  return h(
    "li",
    { "data-ref": statement.ref },
    h("b", {}, statement.source),
    typeof name === "string" ? ` ${name}` : "",
    at ? h("small", {}, ` ${say("said", { time: clock(at, now) })}`) : "",
    h("br"),
    values.map(([field, value]) => `${fieldName(field, language)} ${valueText(value, language)}`).join(" · "),
  );
}

async function find(collection: string, feature: Feature, view: View): Promise<Place | null> {
  if (collection === PLACES) return placeOf(feature);
  const box = boxAround([feature]);
  if (!box) return null;
  const [west, south, east, north] = box;
  const query = new URLSearchParams({
    ...viewQuery(view),
    f: "json",
    limit: String(MOST),
    "skip-geometry": "true",
    filter: "stands = 'stands'",
    bbox: [west - AROUND, south - AROUND, east + AROUND, north + AROUND].map((n) => n.toFixed(5)).join(","),
  });
  const { features } = (await fetchJson(`collections/${PLACES}/items?${query}`)) as { features: Feature[] };
  const mine = features.map(placeOf).filter((p) => p.statements?.some((s) => s.collection === collection && s.key === feature.id));
  return mine.toSorted((a, b) => (b.statements?.length ?? 0) - (a.statements?.length ?? 0))[0] ?? null;
}
