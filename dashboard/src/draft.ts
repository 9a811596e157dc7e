/**
 * What somebody has begun to write is kept in this browser tab until it is sent or given up: a reload,
 * another language, a browser that crashed must not cost a line at three in the morning.
 */
const PREFIX = "hinomi-draft/";

type Box = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * Put back what was begun in a form of this name, and keep what is written into it from now on.
 * Returns what forgets it.
 */
export function keepDraft(form: HTMLElement, name: string): () => void {
  const boxes = new Map(boxesOf(form).map((box) => [box.name || box.id, box]));
  const first = new Map([...boxes].map(([id, box]) => [id, valueOf(box)]));
  for (const [id, value] of Object.entries(read(name))) {
    const box = boxes.get(id);
    if (box) put(box, value);
  }
  form.addEventListener("input", () => {
    const begun = [...boxes].map(([id, box]) => [id, valueOf(box)] as const).filter(([id, value]) => value !== first.get(id));
    write(name, Object.fromEntries(begun));
  });
  return () => write(name, {});
}

/** Whether something was begun in a form of this name. */
export function hasDraft(name: string): boolean {
  return Object.keys(read(name)).length > 0;
}

/** Forget all of it: whoever sits down here next is somebody else. */
export function dropDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // Without storage there are none.
  }
}

function boxesOf(form: HTMLElement): Box[] {
  return [...form.querySelectorAll<Box>("input, textarea, select")].filter(({ type, name, id }) => type !== "password" && type !== "file" && (name || id) !== "");
}

function valueOf(box: Box): string {
  return box instanceof HTMLInputElement && box.type === "checkbox" ? String(box.checked) : box.value;
}

function put(box: Box, value: string): void {
  if (box instanceof HTMLInputElement && box.type === "checkbox") box.checked = value === "true";
  else box.value = value;
}

function read(name: string): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

function write(name: string, begun: Record<string, string>): void {
  try {
    if (Object.keys(begun).length === 0) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(begun));
  } catch {
    // Storage can be full or switched off; then it lasts as long as the page.
  }
}
