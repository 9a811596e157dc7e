/** Which legend class a feature falls into, and what it is called. Pure. */
import type { Class, Feature, Language, Layer, View } from "./types.ts";

/** The index of the feature's class in its layer, -1 where the layer has none for it. */
export function classOf(layer: Layer, feature: Feature): number {
  if (layer.property === "") return 0;
  const value = feature.properties[layer.property];
  const exact = layer.classes.findIndex((c) => c.value !== null && c.value === value);
  if (exact >= 0) return exact;
  const step = typeof value === "number" ? layer.classes.findIndex((c) => c.at_least !== null && value >= c.at_least) : -1;
  return step >= 0 ? step : layer.classes.findIndex((c) => c.value === null && c.at_least === null);
}

/** Whether a layer stands beside statements of the view's status: a drill's injects do beside a drill's alone. */
export function isOffered(layer: Layer, { status }: View): boolean {
  return layer.status === "" || layer.status === status;
}

/**
 * Which layers give way when one comes on by itself; undefined where it does not come. Two would hide each other: what is
 * declared first stands (sensors before what was computed beforehand), and what the reader has switched stays.
 */
export function appearing(layer: Layer, all: Layer[], shown: ReadonlySet<string>, chosen: ReadonlySet<string>): { off: Layer[] } | undefined {
  if (layer.appears === "" || chosen.has(layer.id) || shown.has(layer.id)) return undefined;
  const off = all.filter(({ id, appears }) => appears !== "" && shown.has(id));
  return off.some((other) => chosen.has(other.id) || all.indexOf(other) < all.indexOf(layer)) ? undefined : { off };
}

/** Whether a feature is of a municipality; what names none is of everywhere. */
export function isIn(layer: Layer, feature: Feature, area: string | null): boolean {
  if (area === null || layer.area === "") return true;
  const [first, ...rest] = layer.area.split(".");
  let found: unknown[] = [feature.properties[first!]];
  for (const name of rest) found = found.flat().map((member) => (member as Record<string, unknown> | null)?.[name]);
  return found.flat().includes(area);
}

/** What the thing is called, or its key where it has no name. */
export function nameOf(layer: Layer, feature: Feature, language: Language): string {
  for (const property of [layer.name[language], layer.name.ja]) {
    const value = feature.properties[property];
    if (typeof value === "string" && value !== "") return value;
  }
  return feature.id;
}

/** The Japanese name to stand beside an English one: signs, and those whom one asks the way, have that. */
export function besideOf(layer: Layer, feature: Feature, language: Language): string {
  if (language === "ja" || layer.name.ja === layer.name.en) return "";
  const name = nameOf(layer, feature, "ja");
  return name === nameOf(layer, feature, language) || name === feature.id ? "" : name;
}

/** What a chip says. */
export function chipText(found: Class, language: Language): string {
  return (found.short ?? found.label)[language];
}
