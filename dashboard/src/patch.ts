/**
 * Bring what is on the screen up to what was drawn anew, element by element: whoever has the
 * keyboard, a selection, an open list or an animation there keeps it.
 */
import { takeListeners } from "./dom.ts";

type Parent = Element & { moveBefore?: (node: Node, before: Node | null) => void };

/** What says that two elements are the same thing: its place alone does not, where a list changes. */
function keyOf(node: Node): string {
  if (!(node instanceof Element)) return node.nodeName;
  const own = node.getAttribute("data-focus") ?? node.getAttribute("data-key") ?? node.id;
  // A row's key stands on the button within it.
  const inner = own || node.tagName !== "LI" ? own : (node.firstElementChild?.getAttribute("data-focus") ?? "");
  return `${node.nodeName}/${inner || (node.getAttribute("class") ?? "").split(" ")[0]!}/${inner ? "keyed" : ""}`;
}

/** Make the children of `parent` those that were drawn; elements that are there already stay. */
export function patchChildren(parent: Element, drawn: readonly Node[]): void {
  const known = new Map<string, ChildNode[]>();
  for (const node of parent.childNodes) known.set(keyOf(node), [...(known.get(keyOf(node)) ?? []), node]);
  const wanted = drawn.map((node) => {
    const before = known.get(keyOf(node))?.shift();
    if (!before || before === node) return node;
    return patchNode(before, node);
  });
  const kept = new Set<Node>(wanted);
  for (const node of [...parent.childNodes]) if (!kept.has(node)) node.remove();
  let next: ChildNode | null = parent.firstChild;
  for (const node of wanted) {
    if (node === next) next = next.nextSibling;
    else put(parent, node, next);
  }
}

/** Make one element like the drawn one; returns which of the two is now on the screen. */
export function patch(before: Element, drawn: Element): Element {
  if (keyOf(before) === keyOf(drawn)) return patchNode(before, drawn) as Element;
  before.replaceWith(drawn);
  return drawn;
}

function patchNode(before: Node, drawn: Node): Node {
  if (before instanceof Element && drawn instanceof Element) {
    attributes(before, drawn);
    takeListeners(before, drawn);
    const said = chosen(before);
    patchChildren(before, [...drawn.childNodes]);
    if (said !== chosen(drawn)) (before as HTMLSelectElement).value = (drawn as HTMLSelectElement).value;
  } else if (before.nodeValue !== drawn.nodeValue) before.nodeValue = drawn.nodeValue;
  return before;
}

/** Which option a list was drawn with; what its reader has chosen since is theirs. */
function chosen(element: Element): string | undefined {
  return element instanceof HTMLSelectElement ? (element.querySelector<HTMLOptionElement>("option[selected]")?.value ?? "") : undefined;
}

function attributes(before: Element, drawn: Element): void {
  for (const { name } of [...before.attributes]) if (!drawn.hasAttribute(name)) before.removeAttribute(name);
  for (const { name, value } of drawn.attributes) {
    if (before.getAttribute(name) === value) continue;
    // As an attribute a style would need the permission that the page's security policy withholds.
    if (name === "style") (before as HTMLElement).style.cssText = (drawn as HTMLElement).style.cssText;
    else before.setAttribute(name, value);
    // What somebody has typed goes before what was drawn, until the drawing itself says otherwise.
    if (name === "value" && before instanceof HTMLInputElement && before.type !== "file") before.value = value;
  }
}

/** Move without losing the focus, where the browser can. */
function put(parent: Parent, node: Node, before: Node | null): void {
  if (node.isConnected && parent.moveBefore && node.parentNode === parent) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}
