/** A file that is dropped anywhere on the page opens the import with it. */

let given: File | null = null;
let told: (() => void) | null = null;

/** Take the dropped file; once. */
export function givenFile(): File | null {
  const file = given;
  given = null;
  return file;
}

/** While the import is open it hears of further drops itself. */
export function onFile(hear: (() => void) | null): void {
  told = hear;
}

/** Listen for files on the whole page; `open` brings the import onto the screen. */
export function takeDrops(open: () => void): void {
  const holds = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  const welcome = (event: DragEvent): void => {
    if (!holds(event)) return;
    // Without this the browser would leave the page for the file.
    event.preventDefault();
    document.body.dataset["drop"] = "true";
  };
  // Where the page draws anew under a still hand, the browser tells of the new element's "enter" only.
  addEventListener("dragenter", welcome);
  addEventListener("dragover", welcome);
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) delete document.body.dataset["drop"];
  });
  addEventListener("drop", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    delete document.body.dataset["drop"];
    given = event.dataTransfer?.files[0] ?? null;
    if (given === null) return;
    if (told) told();
    else open();
  });
}
