/** Which legend class a feature falls into, and what it is called. Pure. */
import type { Class, Feature, Language, Layer } from "./types.ts";

/** The index of the feature's class in its layer, -1 where the layer has none for it. */
export function classOf(layer: Layer, feature: Feature): number {
  if (layer.property === "") return 0;
  const value = feature.properties[layer.property];
  const exact = layer.classes.findIndex((c) => c.value !== null && c.value === value);
  return exact >= 0 ? exact : layer.classes.findIndex((c) => c.value === null);
}

/** What the thing is called, or its key where it has no name. */
export function nameOf(layer: Layer, feature: Feature, language: Language): string {
  for (const property of [layer.name[language], layer.name.ja]) {
    const value = feature.properties[property];
    if (typeof value === "string" && value !== "") return value;
  }
  return feature.id;
}

/** What a chip says. */
export function chipText(found: Class, language: Language): string {
  return (found.short ?? found.label)[language];
}
