/** A slim board: one line that always says how many are in which state, and folds out to each. */
import { groups, sinceOf, type BoardOptions } from "./board.ts";
import { besideOf, nameOf } from "./classes.ts";
import type { LayerData } from "./data.ts";
import { h, swatch } from "./dom.ts";
import { rowText } from "./fields.ts";
import { age, clock } from "./time.ts";
import type { Board, Class, Feature } from "./types.ts";

/** The strip as an element; one that the reader has folded or unfolded (`before`) stays so. */
export function drawStrip(data: LayerData, board: Board, options: BoardOptions, before: HTMLElement | null): HTMLElement {
  const { layer } = data;
  const all = groups(layer, data.features.values());
  // Where there is one class it ranks nothing.
  const grave = layer.classes.length > 1 && all.some(({ index }) => index === 0);
  const chosen = before instanceof HTMLDetailsElement && before.dataset["chosen"] !== undefined;
  const open = chosen ? before.open : grave && matchMedia("(min-width: 761px)").matches;
  return h(
    "details",
    { class: "strip", id: `board-${layer.id}`, "data-rove": ".strip-row", open, "data-grave": grave, "data-chosen": chosen },
    h(
      "summary",
      { "data-focus": `strip-${layer.id}`, onclick: ({ currentTarget }) => (currentTarget as Element).parentElement?.setAttribute("data-chosen", "") },
      h("h2", {}, board.title[options.language]),
      ...states(data, board, all, options),
    ),
    h("ul", {}, ...all.flatMap(({ index, rows }) => rows.map((f) => row(data, board, layer.classes[index]!, f, options)))),
  );
}

function states(data: LayerData, board: Board, all: ReturnType<typeof groups>, options: BoardOptions): HTMLElement[] {
  const { language, say } = options;
  if (data.load.state === "error") return [h("span", { class: "strip-state" }, say("failed", { reason: data.load.reason }))];
  if (data.at === undefined) return [h("span", { class: "strip-state" }, say("loading"))];
  if (all.length === 0) return [h("span", { class: "strip-state unheard", title: board.empty[language] }, board.empty[language])];
  return all.map(({ index, rows }) =>
    h("span", { class: "strip-state" }, ...state(data.layer.classes[index]!, language), ` ${rows.length.toLocaleString(language)}`),
  );
}

function state(found: Class, language: BoardOptions["language"]): (Node | string)[] {
  return [swatch(found.colour, found.ink, found.pattern, "circle"), found.label[language]];
}

function row(data: LayerData, board: Board, found: Class, feature: Feature, options: BoardOptions): HTMLElement {
  const { layer } = data;
  const at = sinceOf(layer, feature);
  const beside = besideOf(layer, feature, options.language);
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "strip-row",
        "data-key": feature.id,
        "data-focus": `${layer.id}/${feature.id}`,
        onclick: () => options.onPick(layer, feature),
      },
      h("span", { class: "strip-name" }, nameOf(layer, feature, options.language)),
      h("span", { class: "strip-state" }, ...state(found, options.language)),
      h("span", { class: "strip-text" }, beside !== "" && h("span", { class: "row-ja", lang: "ja" }, `${beside} `), rowText(board.fields, feature.properties, options)),
      at && h("time", { datetime: at.toISOString() }, `${clock(at, options.now)} `, h("small", {}, age(at, options.now, options.say))),
    ),
  );
}
