/** A feature's properties as people read them, by the layer's declaration. */
import { h } from "./dom.ts";
import type { Say } from "./text.ts";
import { clock, moment } from "./time.ts";
import type { Field, Language } from "./types.ts";

export interface Reading {
  language: Language;
  say: Say;
  now: Date;
}

/** One property as one line of text; empty where there is nothing to say. */
export function fieldText(field: Field, properties: Record<string, unknown>, reading: Reading): string {
  const value = valueOf(field, properties, reading.language);
  if (value === null || value === undefined || value === "") return "";
  switch (field.kind) {
    case "time": {
      const found = moment(value);
      return found ? clock(found, reading.now) : "";
    }
    case "number":
      return typeof value === "number" ? `${value.toLocaleString(reading.language)}${field.unit ? ` ${field.unit}` : ""}` : "";
    case "share":
      return typeof value === "number" ? new Intl.NumberFormat(reading.language, { style: "percent", maximumFractionDigits: 0 }).format(value) : "";
    case "flag":
      return field.words[String(value)]?.[reading.language] ?? reading.say(value === true ? "yes" : "no");
    case "list":
      return Array.isArray(value) ? value.map((member) => memberText(field, member, reading)[0]).join(separator(reading.language)) : "";
    default:
      return field.words[String(value)]?.[reading.language] ?? String(value);
  }
}

/** The fields as a description list; lists become bullet points with their members' details. */
export function fieldList(fields: Field[], properties: Record<string, unknown>, reading: Reading): HTMLElement {
  const list = h("dl", {});
  for (const field of fields) {
    const value = valueOf(field, properties, reading.language);
    if (field.kind === "list" && Array.isArray(value) && value.length > 0) {
      const members = value.map((member) => {
        const [name, ...details] = memberText(field, member, reading);
        return h("li", {}, h("b", {}, name), details.length > 0 && h("small", {}, details.join("  ")));
      });
      list.append(h("dt", {}, field.label[reading.language]), h("dd", {}, h("ul", {}, ...members)));
      continue;
    }
    const words = fieldText(field, properties, reading);
    if (words) list.append(h("dt", {}, field.label[reading.language]), h("dd", {}, words, field.kind === "share" && meter(value)));
  }
  return list;
}

function valueOf(field: Field, properties: Record<string, unknown>, language: Language): unknown {
  return (language === "en" && field.name_en !== "" && properties[field.name_en]) || properties[field.name];
}

function memberText(field: Field, member: unknown, reading: Reading): [string, ...string[]] {
  if (typeof member !== "object" || member === null) return [field.words[String(member)]?.[reading.language] ?? String(member)];
  const [first, ...others] = field.fields;
  const properties = member as Record<string, unknown>;
  const name = first ? fieldText(first, properties, reading) : "";
  const details = others.flatMap((other) => {
    const words = fieldText(other, properties, reading);
    return words ? [labelled(other, words, reading)] : [];
  });
  return [name, ...details];
}

/** A list's row: each property with its label; members of a list one beside the other, with since and until. */
export function rowParts(fields: Field[], properties: Record<string, unknown>, reading: Reading): (Node | string)[] {
  return fields.flatMap((field) => {
    const value = valueOf(field, properties, reading.language);
    if (field.kind === "list" && Array.isArray(value)) {
      return value.map((member) => {
        const [name, ...details] = memberText(field, member, reading);
        return h("span", { class: "member" }, name, details.length > 0 && h("small", {}, ` ${details.join(" ")}`));
      });
    }
    const words = fieldText(field, properties, reading);
    if (words === "") return [];
    return [h("span", { class: "part-text" }, labelled(field, words, reading), field.kind === "share" && meter(value))];
  });
}

/** A bar that says the same as the words beside it. */
function meter(value: unknown): HTMLElement | null {
  if (typeof value !== "number") return null;
  const bar = h("span", { class: "meter", "aria-hidden": "true", "data-full": String(value >= 1), "data-near": String(value >= 0.8) }, h("i"));
  (bar.firstElementChild as HTMLElement).style.width = `${Math.round(Math.min(1, value) * 100)}%`;
  return bar;
}

/** One line for a list's row: each property with its label, where it has one. */
export function rowText(fields: Field[], properties: Record<string, unknown>, reading: Reading): string {
  return fields
    .flatMap((field) => {
      const words = fieldText(field, properties, reading);
      return words === "" ? [] : [field.kind === "list" ? words : labelled(field, words, reading)];
    })
    .join("  ");
}

function labelled(field: Field, words: string, { language }: Reading): string {
  const label = field.label[language];
  return label ? `${label} ${words}` : words;
}

function separator(language: Language): string {
  return language === "ja" ? "・" : ", ";
}
