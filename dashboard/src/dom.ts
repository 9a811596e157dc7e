/** Elements without a framework. Texts are always text nodes: no data ever becomes markup. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | ((event: Event) => void)>;

/** Make an element; `on…` attributes are listeners, true is a bare attribute, undefined is left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
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
