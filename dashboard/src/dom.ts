/** Elements without a framework. Texts are always text nodes: no data ever becomes markup. */

type Listener = (event: Event) => void;
type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | Listener>;

const LISTENERS = new WeakMap<Element, Map<string, Listener>>();

function listen(element: Element, type: string, listener: Listener): void {
  let known = LISTENERS.get(element);
  if (!known) LISTENERS.set(element, (known = new Map<string, Listener>()));
  if (!known.has(type)) element.addEventListener(type, (event) => LISTENERS.get(element)?.get(type)?.(event));
  known.set(type, listener);
}

/** Let one element do what another of ours does. */
export function takeListeners(element: Element, from: Element): void {
  for (const type of LISTENERS.get(element)?.keys() ?? []) listen(element, type, () => undefined);
  for (const [type, listener] of LISTENERS.get(from) ?? []) listen(element, type, listener);
}

/** Make an element; `on…` attributes are listeners, true is a bare attribute, undefined is left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") listen(element, name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
  return element;
}

/** A coloured sign for a class: by colour, pattern and words together. */
export function swatch(colour: string, ink: string, pattern: string, shape: string): HTMLElement {
  const element = h("span", { class: "swatch", "data-pattern": pattern, "data-shape": shape, "aria-hidden": "true" });
  element.style.setProperty("--colour", colour || "transparent");
  element.style.setProperty("--ink", ink);
  return element;
}

export function chip(colour: string, ink: string, pattern: string, words: string): HTMLElement {
  const element = h("span", { class: "chip", "data-pattern": pattern }, h("span", {}, words));
  element.style.setProperty("--colour", colour || "#fff");
  element.style.setProperty("--ink", ink);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing. */
export function svg(tag: string, attributes: Record<string, string | number>): SVGElement {
  const found = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, String(value));
  return found;
}
