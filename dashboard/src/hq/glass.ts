/** 緊急時の閲覧 (break-glass): see everything for a while, for a reason that is written down and reported. */
import { ApiError } from "../api.ts";
import { h } from "../dom.ts";
import { clock } from "../time.ts";
import type { Glass, Office } from "./office.ts";
import type { Say } from "./words.ts";

const LEAST = 9;

/** What it gives and how to begin it; or, while it lasts, until when and how to end it. Nothing where the policy gives none. */
export function drawGlass(office: Office, say: Say): HTMLElement | null {
  const glass = office.me?.glass ?? null;
  if (glass === null) return null;
  return glass.until === null ? offer(office, say, glass) : lasting(office, say, new Date(glass.until));
}

/** All that is on the screen is asked anew: more is seen now, or no longer. */
function anew(): void {
  location.reload();
}

function offer(office: Office, say: Say, glass: Glass): HTMLElement {
  const message = h("p", { class: "failed", role: "alert", hidden: true });
  const reason = h("textarea", { id: "glass-reason", rows: 2, required: true, maxlength: 1000, "aria-describedby": "glass-lead" });
  const begin = h("button", { type: "submit", class: "do" }, say("glass_begin"));
  const form = h(
    "form",
    // What is missing is said in the page's language, not in the browser's.
    { class: "glass-form", novalidate: true },
    h("p", { id: "glass-lead" }, say("glass_lead", { minutes: glass.minutes })),
    h("label", { for: reason.id }, say("glass_reason", { count: LEAST })),
    reason,
    begin,
    message,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Spaces are no reason.
    reason.setCustomValidity(reason.value.trim().length < LEAST ? say("glass_short", { count: LEAST }) : "");
    if (!reason.reportValidity()) return;
    begin.disabled = true;
    message.hidden = true;
    office.breakGlass(reason.value.trim()).then(anew, (error: unknown) => {
      message.textContent = error instanceof ApiError ? error.message.replace(/^\d+ /, "") : say("lost");
      message.hidden = begin.disabled = false;
    });
  });
  reason.addEventListener("input", () => reason.setCustomValidity(""));
  return h("details", { class: "glass" }, h("summary", {}, say("glass")), form);
}

function lasting(office: Office, say: Say, until: Date): HTMLElement {
  const now = new Date();
  const message = h("p", { class: "failed", role: "alert", hidden: true });
  const end = h("button", { type: "button", class: "plain", id: "glass-end" }, say("glass_end"));
  end.addEventListener("click", () => {
    end.disabled = true;
    office.mendGlass().then(anew, (error: unknown) => {
      message.textContent = error instanceof ApiError ? error.message.replace(/^\d+ /, "") : say("lost");
      message.hidden = end.disabled = false;
    });
  });
  const box = h(
    "div",
    { class: "glass-on", role: "status" },
    h("p", {}, h("strong", {}, say("glass")), " ", h("time", { datetime: until.toISOString() }, say("glass_until", { time: clock(until, now) })), end),
    h("p", {}, say("glass_on")),
    message,
  );
  // When it is over nothing that it showed stays on the screen; a box that was drawn over by then has no say.
  setTimeout(() => box.isConnected && anew(), Math.max(0, until.getTime() - now.getTime()) + 1000);
  return box;
}
