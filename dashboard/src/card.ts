/** What is known of the things under the pointer, or of the row that was picked. */
import { viewQuery } from "./api.ts";
import { besideOf, classOf, nameOf } from "./classes.ts";
import { chip, h } from "./dom.ts";
import { fieldList, type Reading } from "./fields.ts";
import type { Frame } from "./frame.ts";
import { drawStatements } from "./merge/statements.ts";
import { drawOrigins } from "./origins.ts";
import type { Feature, Layer, View } from "./types.ts";

export interface Picked {
  layer: Layer;
  feature: Feature;
}

/** The municipality that the screen is narrowed to, and how to change it. */
export interface Narrow {
  area: string | null;
  onArea(area: string | null): void;
}

const MOST_SHOWN = 6;

/** What the card needs of the page. */
export interface CardHost {
  view(): View;
  frame(): Frame;
  reading(): Reading;
  onArea(area: string | null): void;
}

/** The card beside the map; drawn only when what it says has changed, for somebody reads it. */
export class Card {
  picked: Picked[] = [];
  private drawn = "";

  constructor(private readonly host: CardHost) {}

  pick(picked: Picked[]): void {
    this.picked = picked;
    this.draw();
  }

  /** Close it; a reader who came by keyboard goes on where they were. */
  close(): void {
    const { card, root, boards } = this.host.frame();
    const { layer, feature } = this.picked[0]!;
    const inside = card.contains(document.activeElement) || document.activeElement === document.body;
    this.pick([]);
    if (!inside) return;
    (root.querySelector<HTMLElement>(`[data-focus="${CSS.escape(`${layer.id}/${feature.id}`)}"]`) ?? boards).focus();
  }

  /** Show the newest that is known of what was picked. */
  renew(newest: (picked: Picked) => Feature | undefined): void {
    this.picked = this.picked.map((one) => ({ layer: one.layer, feature: newest(one) ?? one.feature }));
    this.draw();
  }

  draw(): void {
    const view = this.host.view();
    const { card } = this.host.frame();
    const features = this.picked.map(({ layer, feature }) => [layer.id, feature.id, feature.properties]);
    const drawn = JSON.stringify([features, view.language, view.status, view.asOf, view.area]);
    if (drawn === this.drawn && card.childElementCount > 0) return;
    this.drawn = drawn;
    const had = card.contains(document.activeElement);
    card.hidden = this.picked.length === 0;
    card.replaceChildren(...drawCard(this.picked, view, this.host.reading(), { area: view.area, onArea: this.host.onArea }, () => this.close()));
    if (had && !card.hidden) card.querySelector<HTMLElement>("summary, .close")?.focus({ preventScroll: true });
  }
}

/** The card's content. */
function drawCard(picked: Picked[], view: View, reading: Reading, narrow: Narrow, onClose: () => void): HTMLElement[] {
  const { say } = reading;
  const close = h("button", { type: "button", class: "close", "aria-label": say("close"), onclick: onClose }, "×");
  return [close, ...picked.slice(0, MOST_SHOWN).map(({ layer, feature }) => one(layer, feature, view, reading, narrow))];
}

/** The thing's own picture; one that was taken back meanwhile leaves no broken frame. */
function drawPicture(layer: Layer, feature: Feature, view: View, { language }: Reading): HTMLElement {
  const query = new URLSearchParams(viewQuery({ ...view, asOf: null })).toString();
  const address = layer.picture.replace("{key}", encodeURIComponent(feature.id)) + (query && `?${query}`);
  const image = h("img", { src: address, alt: nameOf(layer, feature, language), onerror: () => link.remove() });
  const link = h("a", { class: "card-picture", href: address, target: "_blank" }, image);
  return link;
}

function one(layer: Layer, feature: Feature, view: View, reading: Reading, { area, onArea }: Narrow): HTMLElement {
  const { language } = reading;
  const named = layer.area !== "" && !layer.area.includes(".") ? feature.properties[layer.area] : undefined;
  const code = layer.collection === "areas" ? feature.id : named;
  const found = layer.classes[classOf(layer, feature)];
  const beside = besideOf(layer, feature, language);
  const query = new URLSearchParams({ ...viewQuery(view), f: "html" });
  const path = `collections/${encodeURIComponent(layer.collection)}/items/${encodeURIComponent(feature.id)}?${query}`;
  return h(
    "article",
    {},
    h("h3", {}, nameOf(layer, feature, language)),
    beside !== "" && h("p", { class: "row-ja", lang: "ja" }, beside),
    h(
      "p",
      { class: "card-class" },
      found && found.colour !== "" && chip(found.colour, found.ink, found.pattern, found.label[language]),
      h("small", {}, layer.title[language]),
    ),
    layer.picture !== "" && drawPicture(layer, feature, view, reading),
    fieldList(layer.fields, feature.properties, reading),
    typeof code === "string" && code !== "" && code !== area &&
      h("button", { type: "button", class: "narrow", onclick: () => onArea(code) }, reading.say("narrow_button")),
    drawStatements(layer.collection, feature, view, reading),
    typeof feature.properties["record"] === "string" && drawOrigins(feature.properties["record"], view, reading),
    h(
      "p",
      { class: "card-foot" },
      `${reading.say("source")}: ${String(feature.properties["source"] ?? "")}  `,
      h("a", { href: path }, reading.say("record")),
    ),
  );
}
