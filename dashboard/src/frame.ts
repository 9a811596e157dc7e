/** The page's fixed parts: head, banners, panes. What changes inside them is set by the app. */
import { h } from "./dom.ts";
import type { PartEntry } from "./part.ts";
import { patchChildren } from "./patch.ts";
import { takeArrows } from "./rove.ts";
import type { StreamState } from "./stream.ts";
import type { Say } from "./text.ts";
import { clock, stamp } from "./time.ts";
import type { View } from "./types.ts";
import actualIcon from "./icon.svg?url";
import exerciseIcon from "./icon-exercise.svg?url";
import testIcon from "./icon-test.svg?url";

export type Pane = "list" | "map" | "part";

export interface FrameEvents {
  onView(change: Partial<View>): void;
  onPane(pane: Pane): void;
}

/** Elements that are made once and stay when the frame is drawn anew: they are dear, or in use. */
export interface Kept {
  map: HTMLElement;
  search: HTMLElement;
  dock: HTMLElement;
  timebar: HTMLElement;
}

/** The parts that the app writes into. */
export interface Frame {
  root: HTMLElement;
  clock: HTMLElement;
  state: HTMLElement;
  /** What is shown, above everything: 訓練, a past moment, one municipality. */
  banners: HTMLElement;
  notice: HTMLElement;
  boards: HTMLElement;
  /** How many are in each list, to go there; and the filter by age. */
  jump: HTMLElement;
  /** The slim boards' strips, below the lists. */
  foot: HTMLElement;
  hint: HTMLElement;
  legend: HTMLElement;
  card: HTMLElement;
  announcer: HTMLElement;
  /** The switches of the parts beside the map, and the phone's tabs. */
  parts: HTMLElement;
  tabs: HTMLElement;
  printed: HTMLElement;
}

/** Draw the frame in a language. */
export function drawFrame(view: View, say: Say, kept: Kept, events: FrameEvents): Frame {
  const frame: Omit<Frame, "root"> = {
    clock: h("time", { class: "clock" }),
    state: h("span", { class: "state", role: "status" }),
    banners: h("div", { class: "banners" }),
    notice: h("div", { class: "notice", role: "status", hidden: true }),
    boards: h("div", { class: "boards", role: "region", "aria-label": say("list"), tabindex: 0 }),
    jump: h("nav", { class: "jump", "aria-label": say("jump") }),
    foot: h("div", { class: "foot" }),
    hint: h("p", { class: "hint", hidden: true }),
    // Beside a part the map is small: the legend would cover it, after a change of language too.
    legend: h("details", { class: "legend", open: matchMedia("(min-width: 900px)").matches && !document.body.dataset["part"] }),
    card: h("aside", { class: "card", hidden: true, "aria-label": say("details") }),
    announcer: h("p", { class: "sr", "aria-live": "polite" }),
    parts: h("nav", { class: "parts", "aria-label": say("parts") }),
    tabs: h("nav", { class: "tabs", "aria-label": say("panes") }),
    printed: h("p", { class: "printed" }),
  };
  const root = h(
    "div",
    { class: "frame" },
    h("a", { class: "skip", href: "#list" }, say("skip")),
    frame.banners,
    head(view, say, frame, events),
    frame.notice,
    frame.printed,
    h(
      "main",
      {},
      h("section", { class: "pane list", id: "list", "aria-label": say("tagline"), tabindex: -1 }, kept.search, frame.jump, frame.boards, frame.foot),
      h("section", { class: "pane", id: "map", "aria-label": say("map") }, kept.map, frame.hint, frame.legend, frame.card),
      kept.dock,
    ),
    kept.timebar,
    frame.tabs,
    frame.announcer,
    h("p", { class: "sr", id: "rows-hint" }, say("rows_hint")),
  );
  takeArrows(root);
  return { root, ...frame };
}

/** Say what is shown: whose data, of which moment, of which place. */
export function drawView(frame: Frame, view: View, areaName: string, offered: PartEntry[], say: Say, events: FrameEvents): void {
  const { status } = view;
  const past = view.asOf === null ? "" : stamp(new Date(view.asOf));
  frame.root.dataset["status"] = status;
  frame.root.dataset["past"] = String(view.asOf !== null);
  document.body.dataset["status"] = status;
  document.documentElement.lang = view.language;
  const prefixes = [status === "actual" ? "" : `【${say(status)}】`, past && `【${say("past")}】`];
  document.title = `${prefixes.join("")}${areaName ? `${areaName} ` : ""}${say("name")} ${say("tagline")}`;
  const icons = { actual: actualIcon, exercise: exerciseIcon, test: testIcon };
  document.querySelector<HTMLLinkElement>("link[rel=icon]")?.setAttribute("href", icons[status]);
  const had = frame.banners.contains(document.activeElement);
  patchChildren(
    frame.banners,
    [
      status !== "actual" && statusBanner(status, say, events),
      past !== "" && pastBanner(past, say, events),
      areaName !== "" && areaBanner(areaName, say, events),
    ].filter((banner) => banner !== false),
  );
  // A banner that is left takes its button along: go on in the lists.
  if (had && !frame.banners.contains(document.activeElement)) frame.boards.focus({ preventScroll: true });
  const words = [status === "actual" ? "" : say(`${status}_text`), past ? say("as_of_text", { time: past }) : "", areaName];
  frame.printed.textContent = words.filter(Boolean).join(" / ");
  frame.printed.dataset["status"] = status;
  frame.parts.hidden = offered.length === 0;
  patchChildren(
    frame.parts,
    offered.map(({ id, title }) =>
      h(
        "button",
        { type: "button", class: "part-switch", "data-focus": `part-${id}`, "aria-pressed": String(view.part === id), onclick: () => events.onView({ part: view.part === id ? null : id }) },
        title[view.language],
      ),
    ),
  );
  drawTabs(frame, view, offered, say, events);
}

function drawTabs(frame: Frame, view: View, offered: PartEntry[], say: Say, events: FrameEvents): void {
  const tab = (pane: Pane, words: string, onclick: () => void, part = ""): HTMLElement =>
    h("button", { type: "button", "data-pane": pane, "data-part": part, "data-focus": `tab-${part || pane}`, onclick }, words);
  patchChildren(frame.tabs, [
    tab("list", say("tagline"), () => events.onPane("list")),
    tab("map", say("map"), () => events.onPane("map")),
    ...offered.map(({ id, title }) =>
      tab("part", title[view.language], () => (view.part === id ? events.onPane("part") : events.onView({ part: id })), id),
    ),
  ]);
  markPane(frame, document.body.dataset["pane"] as Pane, view);
}

/** Mark the phone's tab that is open. */
export function markPane(frame: Frame, pane: Pane, view: View): void {
  for (const tab of frame.tabs.querySelectorAll<HTMLElement>("button")) {
    const own = tab.dataset["pane"] === pane && (pane !== "part" || tab.dataset["part"] === view.part);
    tab.setAttribute("aria-pressed", String(own));
  }
}

/** Say what the connection is doing; words first, colour second. */
export function drawState(frame: Frame, state: StreamState | "past", at: Date | undefined, say: Say): void {
  frame.state.dataset["state"] = state;
  frame.state.textContent = say(`state_${state}`);
  const time = at ? clock(at, new Date()) : "--:--";
  const words = state === "lost" ? say("lost_text", { time }) : state === "stale" ? say("stale_text", { time }) : "";
  if (frame.notice.textContent !== words) frame.notice.textContent = words;
  frame.notice.hidden = words === "";
  document.body.dataset["line"] = state;
}

function statusBanner(word: "exercise" | "test", say: Say, events: FrameEvents): HTMLElement {
  return h(
    "div",
    { class: "status-banner", role: "note" },
    h("strong", {}, say(word)),
    h("span", {}, say(`${word}_text`)),
    h("button", { type: "button", onclick: () => events.onView({ status: "actual", part: null }) }, say("to_actual")),
  );
}

function pastBanner(time: string, say: Say, events: FrameEvents): HTMLElement {
  return h(
    "div",
    { class: "past-banner", role: "note" },
    h("strong", {}, say("past_screen")),
    h("span", {}, say("as_of_text", { time })),
    h("button", { type: "button", onclick: () => events.onView({ asOf: null }) }, say("to_now")),
  );
}

function areaBanner(name: string, say: Say, events: FrameEvents): HTMLElement {
  return h(
    "div",
    { class: "area-banner", role: "note" },
    h("strong", {}, name),
    h("span", {}, say("area_text")),
    h("button", { type: "button", onclick: () => events.onView({ area: null }) }, say("to_everywhere")),
  );
}

function head(view: View, say: Say, frame: Omit<Frame, "root">, events: FrameEvents): HTMLElement {
  return h(
    "header",
    {},
    h("h1", {}, say("name"), h("span", {}, say("tagline"))),
    frame.state,
    h("span", { class: "grow" }),
    frame.parts,
    frame.clock,
    h("button", { type: "button", class: "tool print", onclick: () => print() }, say("print")),
    h(
      "button",
      {
        type: "button",
        class: "tool language",
        lang: view.language === "ja" ? "en" : "ja",
        onclick: () => events.onView({ language: view.language === "ja" ? "en" : "ja" }),
      },
      say("other_language"),
    ),
  );
}
