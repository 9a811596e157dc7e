/** What goes with every item of a list: its actions, each with its form in place, and its history. */
import { h } from "../dom.ts";
import type { Feature } from "../part.ts";
import { clock, moment } from "../time.ts";
import { drawForm, focusForm } from "./form.ts";
import type { Act, Office, Values } from "./office.ts";
import type { Say } from "./words.ts";

export interface Extra {
  title: string;
  act: Act;
  fixed?: Values;
  start?: Values;
}

/** What else a line of actions has, and what its button is called where several stand below each other. */
export interface Further {
  extras?: () => Promise<Extra[]>;
  title?: string;
}

/** A folded line of buttons: what may be done to the item, asked for when it is opened. */
export function drawActions(
  office: Office,
  say: Say,
  collection: string,
  item: Feature,
  changed: () => void,
  { extras = () => Promise.resolve([]), title = say("actions") }: Further = {},
): HTMLElement {
  const body = h("div", { class: "actions-body" });
  const toggle = h("button", { type: "button", class: "actions", "aria-expanded": "false" }, title);
  const whole = h("div", { class: "actions-line" }, toggle, body);
  toggle.addEventListener("click", () => {
    const open = toggle.getAttribute("aria-expanded") !== "true";
    toggle.setAttribute("aria-expanded", String(open));
    body.replaceChildren();
    if (open) void fill();
  });
  const close = () => {
    toggle.setAttribute("aria-expanded", "false");
    body.replaceChildren();
    toggle.focus();
  };
  const show = (form: HTMLFormElement) => {
    body.replaceChildren(form);
    focusForm(form);
  };
  async function fill(): Promise<void> {
    body.replaceChildren(h("span", { role: "status" }, say("loading")));
    try {
      const buttons: HTMLElement[] = [];
      if (office.writes) {
        const { acts, record } = await office.on(item, collection);
        const done = () => {
          close();
          changed();
        };
        for (const act of acts) {
          const open = () => show(drawForm(office, say, { act, on: { key: item.id, record }, done, cancel: close }));
          buttons.push(actButton(office, act, act.title[office.language], open));
        }
        for (const extra of await extras()) {
          const open = () => show(drawForm(office, say, { ...extra, done, cancel: close }));
          buttons.push(actButton(office, extra.act, extra.title, open));
        }
      }
      buttons.push(
        h("button", { type: "button", class: "plain", onclick: () => void drawHistory(office, say, collection, item, body) }, say("history")),
      );
      body.replaceChildren(...buttons);
      // Only who still waits here: whoever has gone on is not called back.
      if (document.activeElement === toggle) body.querySelector<HTMLElement>("button:not([disabled])")?.focus();
    } catch (error) {
      body.replaceChildren(h("p", { class: "failed", role: "alert" }, say("failed", { reason: String((error as Error).message) })));
    }
  }
  return whole;
}

function actButton(office: Office, act: Act, title: string, open: () => void): HTMLElement {
  const why = act.why?.[office.language];
  return h("button", { type: "button", class: "plain", disabled: !act.possible, title: why, onclick: open }, title);
}

async function drawHistory(office: Office, say: Say, collection: string, item: Feature, body: HTMLElement): Promise<void> {
  const path = `collections/${encodeURIComponent(collection)}/items/${encodeURIComponent(item.id)}/history?f=json`;
  const { features } = (await office.api.get(path)) as { features: Feature[] };
  const now = new Date();
  const lines = features.map(({ properties: p }) => {
    const said = moment(p["said_at"]);
    const who = p["corrected_by"] ?? p["changed_by"] ?? p["published_by"] ?? p["confirmed_by"] ?? p["drafted_by"] ?? p["written_by"] ?? p["given_by"] ?? "";
    const what = [p["text"] ?? p["title"] ?? p["where"], p["state"], p["correction"] ?? p["comment"] ?? p["result"]];
    return h("li", {}, h("time", {}, said ? clock(said, now) : ""), " ", String(who), ": ", what.filter(Boolean).join(" — "));
  });
  body.replaceChildren(h("ol", { class: "history", "aria-label": say("history"), tabindex: -1 }, ...lines));
  (body.firstElementChild as HTMLElement).focus();
}
