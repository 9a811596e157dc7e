/** On paper: the map as it is on the screen. A WebGL canvas prints empty, a copy of it does not. */
export function onPrint(copy: (canvas: HTMLCanvasElement) => void, where: () => HTMLElement): void {
  const picture = document.createElement("canvas");
  picture.className = "map-print";
  picture.setAttribute("aria-hidden", "true");
  addEventListener("beforeprint", () => {
    copy(picture);
    where().append(picture);
    for (const fold of document.querySelectorAll<HTMLDetailsElement>('.legend, .legend-group[data-on="true"], .strip')) fold.open = true;
  });
  addEventListener("afterprint", () => picture.remove());
}
