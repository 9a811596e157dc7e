/** Pictures of runs side by side: moved and magnified together, asked for a place by a click. */
import { caller, problemOf } from "../api.ts";
import { h } from "../dom.ts";
import type { BBox } from "../types.ts";
import type { Say } from "./words.ts";

const MOST_ZOOM = 8;

/** What all maps of a comparison share: how far they are magnified, and where. */
export class Views {
  zoom = 1;
  /** The middle of what is seen, 0 to 1 from the west and from the north. */
  x = 0.5;
  y = 0.5;
  private readonly images = new Set<HTMLElement>();

  add(image: HTMLElement): void {
    this.images.add(image);
    this.draw(image);
  }

  clear(): void {
    this.images.clear();
  }

  by(factor: number): void {
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), MOST_ZOOM);
    this.move(0, 0);
  }

  /** Move by parts of the window's size. */
  move(dx: number, dy: number): void {
    const room = 0.5 / this.zoom;
    this.x = Math.min(Math.max(this.x - dx / this.zoom, room), 1 - room);
    this.y = Math.min(Math.max(this.y - dy / this.zoom, room), 1 - room);
    for (const image of this.images) this.draw(image);
  }

  private draw(image: HTMLElement): void {
    image.style.transform = `scale(${this.zoom}) translate(${(0.5 - this.x) * 100}%, ${(0.5 - this.y) * 100}%)`;
  }
}

export interface MapOptions {
  title: string;
  alt: string;
  address: string;
  bounds: BBox;
  views: Views;
  say: Say;
  onPoint(at: [number, number]): void;
}

/** One map with its title. */
export function drawMap({ title, alt, address, bounds, views, say, onPoint }: MapOptions): HTMLElement {
  const image = h("img", { alt, draggable: "false" });
  const mark = h("i", { class: "wb-mark", hidden: true });
  const sheet = h("div", { class: "wb-sheet" }, image, mark);
  const frame = h("div", { class: "wb-map", tabindex: 0, role: "group", "aria-label": alt }, sheet);
  frame.style.setProperty("--shape", String(shapeOf(bounds)));
  void load(image, address).catch((error: unknown) => {
    frame.replaceChildren(h("p", { class: "failed", role: "alert" }, say("failed", { reason: (error as Error).message })));
  });
  views.add(sheet);
  let from: { x: number; y: number; far: boolean } | null = null;
  frame.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, y: event.clientY, far: false };
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const box = frame.getBoundingClientRect();
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.far && Math.hypot(dx, dy) < 4) return;
    views.move(dx / box.width, dy / box.height);
    from = { x: event.clientX, y: event.clientY, far: true };
  });
  frame.addEventListener("pointerup", (event) => {
    if (from && !from.far) onPoint(placeAt(event, frame, bounds, views));
    from = null;
  });
  frame.addEventListener("wheel", (event) => {
    // Only with a key held: else the list below could not be scrolled to.
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    views.by(event.deltaY < 0 ? 1.25 : 0.8);
  }, { passive: false });
  frame.addEventListener("keydown", (event) => {
    const step: Record<string, [number, number]> = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    const moved = step[event.key];
    if (moved) views.move(...moved);
    else if (event.key === "+" || event.key === ";") views.by(1.5);
    else if (event.key === "-") views.by(1 / 1.5);
    else if (event.key === "Enter") onPoint(placeOf(views.x, views.y, bounds));
    else return;
    event.preventDefault();
  });
  return h("figure", {}, h("figcaption", {}, title), frame);
}

/** Put the place that is asked for on every map. */
export function markPlace(root: HTMLElement, at: [number, number], bounds: BBox): void {
  const [west, , east] = bounds;
  const [top, bottom, here] = [mercator(bounds[3]), mercator(bounds[1]), mercator(at[1])];
  for (const mark of root.querySelectorAll<HTMLElement>(".wb-mark")) {
    mark.hidden = false;
    mark.style.left = `${((at[0] - west) / (east - west)) * 100}%`;
    mark.style.top = `${((top - here) / (top - bottom)) * 100}%`;
  }
}

async function load(image: HTMLImageElement, address: string): Promise<void> {
  const answer = await fetch(address, { headers: caller() });
  if (!answer.ok) throw await problemOf(answer);
  const url = URL.createObjectURL(await answer.blob());
  image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  image.src = url;
}

const mercator = (latitude: number): number => Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));

/** Width over height on the ground. */
export function shapeOf([west, south, east, north]: BBox): number {
  return (((east - west) * Math.PI) / 180) / (mercator(north) - mercator(south));
}

function placeAt(event: PointerEvent, frame: HTMLElement, bounds: BBox, views: Views): [number, number] {
  const box = frame.getBoundingClientRect();
  const across = (event.clientX - box.left) / box.width - 0.5;
  const down = (event.clientY - box.top) / box.height - 0.5;
  return placeOf(views.x + across / views.zoom, views.y + down / views.zoom, bounds);
}

/** Longitude and latitude of parts of a picture in Web Mercator. */
export function placeOf(x: number, y: number, [west, south, east, north]: BBox): [number, number] {
  const here = mercator(north) + y * (mercator(south) - mercator(north));
  const latitude = ((2 * Math.atan(Math.exp(here)) - Math.PI / 2) * 180) / Math.PI;
  return [Number((west + x * (east - west)).toFixed(6)), Number(latitude.toFixed(6))];
}
