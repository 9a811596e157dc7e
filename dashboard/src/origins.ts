/** 来歴: from a figure on the screen to the bytes that it came from, without leaving the card. */
import { fetchJson, viewQuery } from "./api.ts";
import { h } from "./dom.ts";
import { clock, moment } from "./time.ts";
import type { Reading } from "./fields.ts";
import type { View } from "./types.ts";

interface Hop {
  record: string;
  collection: string;
  key: string;
  item: string;
  source: string;
  said_at: string;
  origins: { address?: string; path?: string; blob?: string; run?: string; entered_by?: string; inputs?: { record: string }[] }[];
}

/** What a figure may be made of, and of that again: a level of warnings, a warning of a telegram. */
const DEEPEST = 3;
const MOST_HOPS = 40;

/** The card is drawn anew with each change: a fold that is open stays so. */
const drawn = new Map<string, HTMLElement>();
const MOST_KEPT = 20;

/** A fold that asks when it is opened. */
export function drawOrigins(record: string, view: View, reading: Reading): HTMLElement {
  const name = `${record}/${reading.language}`;
  const before = drawn.get(name);
  if (before) return before;
  const list = h("ul", { class: "origins", role: "status" });
  const fold = h("details", { class: "origins-fold", "data-record": record }, h("summary", {}, reading.say("origins")), list);
  fold.addEventListener("toggle", () => {
    if (!fold.open || list.childElementCount > 0) return;
    list.replaceChildren(h("li", {}, reading.say("loading")));
    hops(record, view).then(
      (found) => list.replaceChildren(...found.flatMap((hop) => lines(hop, reading))),
      (error: unknown) => list.replaceChildren(h("li", { class: "failed" }, reading.say("failed", { reason: error instanceof Error ? error.message : String(error) }))),
    );
  });
  if (drawn.size >= MOST_KEPT) drawn.clear();
  drawn.set(name, fold);
  return fold;
}

/** The hops from a record down to what came from outside, each once, the nearest first. */
async function hops(record: string, view: View): Promise<Hop[]> {
  const seen = new Set([record]);
  const found: Hop[] = [];
  let row = [record];
  for (let depth = 0; depth <= DEEPEST && row.length > 0; depth += 1) {
    const query = new URLSearchParams(viewQuery({ ...view, asOf: null }));
    const answers = await Promise.all(row.map((id) => fetchJson(`records/${encodeURIComponent(id)}/trace?${query}`) as Promise<Hop>));
    found.push(...answers);
    row = answers.flatMap(({ origins }) => origins.flatMap(({ inputs }) => (inputs ?? []).map((input) => input.record))).filter((id) => !seen.has(id));
    row = [...new Set(row)].slice(0, Math.max(0, MOST_HOPS - found.length));
    for (const id of row) seen.add(id);
  }
  return found;
}

function lines(hop: Hop, { say, now }: Reading): HTMLElement[] {
  const at = moment(hop.said_at);
  const thing = [h("b", {}, hop.source), " ", h("a", { href: local(hop.item) }, hop.key), at ? h("small", {}, ` ${say("stated", { time: clock(at, now) })}`) : ""];
  return hop.origins.map(({ address, blob, run, path, entered_by }) =>
    h(
      "li",
      { "data-kind": blob ? "bytes" : run ? "run" : "entered" },
      ...thing,
      h("br"),
      run ? say("made_by", { run }) : null,
      blob ? h("a", { class: "bytes", href: local(blob), target: "_blank", rel: "noopener" }, say("bytes", { name: address?.split(/[/!]/).at(-1) || say("file") })) : null,
      path ? h("small", {}, ` ${path}`) : null,
      !blob && !run ? say("entered", { name: entered_by || hop.source }) : null,
    ),
  );
}

/** The server may stand behind a proxy that it does not know: its own origin is ours. */
function local(href: string): string {
  return href.replace(/^https?:\/\/[^/]+\//, new URL("./", document.baseURI).href);
}
