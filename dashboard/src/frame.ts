/** The page's fixed parts: head, banners, panes. What changes inside them is set by the app. */
import { h } from "./dom.ts";
import type { StreamState } from "./stream.ts";
import type { Say } from "./text.ts";
import { clock, fromInput, toInput } from "./time.ts";
import type { View } from "./types.ts";

export interface FrameEvents {
  onView(change: Partial<View>): void;
  onSearch(words: string): void;
  onPane(pane: "list" | "map"): void;
}

/** The parts that the app writes into. */
export interface Frame {
  root: HTMLElement;
  clock: HTMLElement;
  state: HTMLElement;
  notice: HTMLElement;
  boards: HTMLElement;
  /** The slim boards' strips, below the lists. */
  foot: HTMLElement;
  map: HTMLElement;
  hint: HTMLElement;
  legend: HTMLElement;
  card: HTMLElement;
  announcer: HTMLElement;
}

/** Draw the frame for a view. `map` is kept from the frame before: a map is dear to make anew. */
export function drawFrame(view: View, say: Say, search: string, events: FrameEvents, map?: HTMLElement): Frame {
  const frame: Omit<Frame, "root"> = {
    clock: h("time", { class: "clock" }),
    state: h("span", { class: "state", role: "status" }),
    notice: h("div", { class: "notice", role: "status" }),
    boards: h("div", { class: "boards" }),
    foot: h("div", { class: "foot" }),
    map: map ?? h("div", { class: "map" }, h("p", { class: "map-note" }, say("map_loading"))),
    hint: h("p", { class: "hint" }),
    legend: h("details", { class: "legend", open: matchMedia("(min-width: 900px)").matches }),
    card: h("aside", { class: "card", hidden: true }),
    announcer: h("p", { class: "sr", "aria-live": "polite" }),
  };
  const root = h(
    "div",
    { class: "frame", "data-status": view.status, "data-past": view.asOf !== null },
    h("a", { class: "skip", href: "#list" }, say("skip")),
    view.status !== "actual" && statusBanner(view, say, events),
    head(view, say, frame, events),
    view.asOf !== null && pastBanner(view.asOf, say, events),
    frame.notice,
    h(
      "main",
      {},
      h("section", { class: "pane list", id: "list", "aria-label": say("list"), tabindex: -1 }, searchBox(search, say, events), frame.boards, frame.foot),
      h("section", { class: "pane", id: "map", "aria-label": say("map") }, frame.map, frame.hint, frame.legend, frame.card),
    ),
    h(
      "nav",
      { class: "tabs", "aria-label": say("tagline") },
      h("button", { type: "button", "data-pane": "list", onclick: () => events.onPane("list") }, say("tagline")),
      h("button", { type: "button", "data-pane": "map", onclick: () => events.onPane("map") }, say("map")),
    ),
    frame.announcer,
  );
  return { root, ...frame };
}

/** Say what the connection is doing; words first, colour second. */
export function drawState(frame: Frame, state: StreamState | "past", at: Date | undefined, say: Say): void {
  frame.state.dataset["state"] = state;
  frame.state.textContent = say(`state_${state}`);
  const time = at ? clock(at, new Date()) : "--:--";
  const words = state === "lost" ? say("lost_text", { time }) : state === "stale" ? say("stale_text", { time }) : "";
  frame.notice.textContent = words;
  frame.notice.hidden = words === "";
}

function statusBanner(view: View, say: Say, events: FrameEvents): HTMLElement {
  const word = view.status === "exercise" ? "exercise" : "test";
  return h(
    "div",
    { class: "status-banner", role: "note" },
    h("strong", {}, say(word)),
    h("span", {}, say(`${word}_text`)),
    h("button", { type: "button", onclick: () => events.onView({ status: "actual" }) }, say("to_actual")),
  );
}

function pastBanner(asOf: string, say: Say, events: FrameEvents): HTMLElement {
  return h(
    "div",
    { class: "past-banner", role: "note" },
    h("span", {}, say("as_of_text", { time: `${toInput(new Date(asOf)).replace("T", " ")} JST` })),
    h("button", { type: "button", onclick: () => events.onView({ asOf: null }) }, say("to_now")),
  );
}

function head(view: View, say: Say, frame: Omit<Frame, "root">, events: FrameEvents): HTMLElement {
  const input = h("input", {
    type: "datetime-local",
    id: "as-of",
    value: toInput(view.asOf === null ? new Date() : new Date(view.asOf)),
    required: true,
  });
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const asOf = fromInput(input.value);
        if (asOf) events.onView({ asOf });
      },
    },
    h("label", { for: "as-of" }, say("as_of_label")),
    input,
    h("button", { type: "submit" }, say("apply")),
  );
  return h(
    "header",
    {},
    h("h1", {}, say("name"), h("span", {}, say("tagline"))),
    frame.state,
    h("span", { class: "grow" }),
    frame.clock,
    h("details", { class: "menu" }, h("summary", {}, say("as_of")), form),
    h(
      "button",
      {
        type: "button",
        class: "language",
        lang: view.language === "ja" ? "en" : "ja",
        onclick: () => events.onView({ language: view.language === "ja" ? "en" : "ja" }),
      },
      say("other_language"),
    ),
  );
}

function searchBox(search: string, say: Say, events: FrameEvents): HTMLElement {
  const input: HTMLInputElement = h("input", {
    type: "search",
    id: "search",
    placeholder: say("search"),
    "aria-label": say("search"),
    autocomplete: "off",
    value: search,
    oninput: () => events.onSearch(input.value.trim()),
  });
  return h("div", { class: "search", role: "search" }, input);
}
