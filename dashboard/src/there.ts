/** A place by a press on the map, where a phone shows one pane at a time. */
import type { Pane } from "./frame.ts";

type Place = [number, number] | null;

/** Bring the map forward, wait for the press, and go back to where it was asked. */
export function thereAndBack(show: (pane: Pane) => void, press: () => Promise<Place>): () => Promise<Place> {
  let wishes = 0;
  return async () => {
    const pane = (document.body.dataset["pane"] ?? "part") as Pane;
    const wish = ++wishes;
    show("map");
    const found = await press();
    // Another wish may have come after this one, or the reader went elsewhere.
    if (wish === wishes && document.body.dataset["pane"] === "map") show(pane);
    return found;
  };
}
