/**
 * The alert bar: levels 4 and 5, strong quakes, tsunami, with sound and a desktop notice until somebody acknowledges.
 * It is on the page whichever part is open, for whoever is signed in; not on a past screen.
 */
import { ApiError, caller, fetchJson } from "../api.ts";
import { h } from "../dom.ts";
import type { Api, Text, View } from "../part.ts";
import { patchChildren } from "../patch.ts";
import { readView, remembered } from "../view.ts";
import { Chime } from "./chime.ts";
import "./hq.css";
import { Office, wishId, type Me } from "./office.ts";
import { speaker } from "./words.ts";

const LOOK_MS = 5_000;
const ACT = "response.acknowledge-alert";

interface Waiting {
  key: string;
  record: string;
  gravity: number;
  text: Text;
}

export class AlertBar {
  private readonly root = h("aside", { class: "alert-bar", role: "alert", hidden: true });
  private readonly chime = new Chime();
  private noticed = new Set<string>();
  private drawn = "";
  private me: Me | null = null;
  private readonly message = h("span", { class: "alert-failed" });
  private busy = false;
  /** What had the keyboard before the bar. */
  private before: HTMLElement | null = null;

  constructor() {
    this.root.addEventListener("focusin", ({ relatedTarget }) => {
      if (relatedTarget instanceof HTMLElement && !this.root.contains(relatedTarget)) this.before = relatedTarget;
    });
    setInterval(() => void this.look(), LOOK_MS);
    window.addEventListener("hinomi-signed", () => void this.look());
    void this.look();
  }

  private view(): View {
    return readView(location.search, remembered());
  }

  private async look(): Promise<void> {
    const view = this.view();
    if (!this.root.isConnected) document.querySelector(".frame")?.prepend(this.root);
    try {
      this.me = (await fetchJson("me")) as Me;
      const signed = this.me.name !== null && (this.me.only === null || this.me.only === view.status);
      this.show(signed && view.asOf === null ? await this.waiting(view) : [], view);
    } catch {
      // The page itself says that the server cannot be reached; what sounds goes on sounding.
    }
  }

  /** What the caller has to hear, the gravest first: the server decides whom an alert concerns. */
  private async waiting(view: View): Promise<Waiting[]> {
    const status = view.status === "actual" ? "" : `?status=${view.status}`;
    return ((await fetchJson(`me/alerts${status}`)) as { alerts: Waiting[] }).alerts;
  }

  private show(alerts: Waiting[], view: View): void {
    const drawn = JSON.stringify([alerts.map(({ key, text }) => [key, text.ja]), view.language, view.status]);
    if (alerts.length === 0) this.chime.stop();
    else this.chime.start();
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.root.hidden = alerts.length === 0;
    const [first] = alerts;
    if (!first) {
      const had = this.root.contains(document.activeElement);
      this.root.replaceChildren();
      if (had) this.leave();
      return;
    }
    const say = speaker(view.language);
    const text = (item: Waiting) => item.text[view.language];
    const drill = view.status === "exercise" ? "訓練 EXERCISE " : "";
    this.root.dataset["level"] = String(first.gravity);
    this.root.dataset["drill"] = String(drill !== "");
    // The same button throughout: an alert that comes while somebody presses it takes no focus away.
    patchChildren(this.root, [
      h("strong", {}, `${drill}${say("alert")}`),
      h("span", { class: "grow" }, text(first), alerts.length > 1 ? ` ${say("alerts_more", { count: alerts.length - 1 })}` : ""),
      h("button", { type: "button", class: "heard", onclick: () => this.heard(alerts, view) }, view.language === "ja" ? "確認した" : "Acknowledge"),
      ...this.permissions(view),
      this.message,
    ]);
    this.notify(alerts, drill, text);
  }

  /** A browser lets a page sound and notify only after a click: buttons, where it has not been asked. */
  private permissions(view: View): HTMLElement[] {
    const say = speaker(view.language);
    const found: HTMLElement[] = [];
    if (this.chime.muted()) {
      const allow = ({ currentTarget }: Event): void => {
        this.chime.allow();
        this.drop(currentTarget as HTMLElement);
      };
      found.push(h("button", { type: "button", class: "quiet", "data-focus": "alert-sound", onclick: allow }, say("sound_on")));
    }
    if ("Notification" in window && Notification.permission === "default") {
      const ask = ({ currentTarget }: Event): void => void Notification.requestPermission().then(() => this.drop(currentTarget as HTMLElement));
      found.push(h("button", { type: "button", class: "quiet", "data-focus": "alert-notices", onclick: ask }, say("notices")));
    }
    return found;
  }

  /** A button that has done its work goes; the keyboard stays in the bar. */
  private drop(button: HTMLElement): void {
    if (document.activeElement === button) this.root.querySelector<HTMLElement>(".heard")?.focus();
    button.remove();
  }

  /** Back to where the keyboard was before it came into the bar, else to the lists. */
  private leave(): void {
    const back = this.before?.isConnected ? this.before : document.querySelector<HTMLElement>(".boards");
    back?.focus({ preventScroll: true });
  }

  private heard(alerts: Waiting[], view: View): void {
    // Not disabled meanwhile: a disabled button loses the focus.
    if (this.busy) return;
    this.busy = true;
    this.message.textContent = "";
    this.acknowledge(alerts, view)
      .catch((error: unknown) => {
        this.message.textContent = error instanceof ApiError ? error.message : speaker(view.language)("lost");
      })
      .finally(() => (this.busy = false));
  }

  private notify(alerts: Waiting[], drill: string, text: (item: Waiting) => string): void {
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    for (const item of alerts.filter(({ key }) => !this.noticed.has(key))) {
      this.noticed.add(item.key);
      new Notification(`${drill}${text(item)}`, { tag: item.key, requireInteraction: true });
    }
  }

  private async acknowledge(alerts: Waiting[], view: View): Promise<void> {
    const office = new Office(bare(view), view);
    office.me = this.me;
    for (const item of alerts) {
      try {
        await office.do({ id: ACT } as never, {}, wishId(), item);
      } catch (error) {
        const status = error instanceof ApiError ? error.status : 0;
        // A report has come in between, with the same thing in other words.
        const now = status === 412 ? (await this.waiting(view)).find(({ key }) => key === item.key) : undefined;
        if (now) await office.do({ id: ACT } as never, {}, wishId(), now);
        // Somebody else was quicker: that is what was wanted.
        else if (status !== 400 && status !== 412) throw error;
      }
    }
    await this.look();
  }
}

/** As much of the page as acknowledging needs. */
function bare(view: View): Api {
  void view;
  return {
    async send(method: string, path: string, body: unknown, headers: Record<string, string>) {
      const answer = await fetch(path, {
        method,
        headers: { ...caller(), "Content-Type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new ApiError(answer.status, `${answer.status}`);
      return { status: answer.status, etag: null, body: null };
    },
  } as unknown as Api;
}
