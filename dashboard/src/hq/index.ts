/** 本部: the headquarters' work beside the map. */
import { h } from "../dom.ts";
import type { Api, Change, Part, PartHandle, View } from "../part.ts";
import { chronologyTab } from "./chronology.ts";
import "./hq.css";
import { drawGlass } from "./glass.ts";
import { givenLink } from "./link.ts";
import { Office } from "./office.ts";
import { patchChildren } from "../patch.ts";
import { ordersTab } from "./orders.ts";
import { drawPartners } from "./partners.ts";
import { INTAKE, PhotoLine } from "./photos.ts";
import { recordsTab } from "./records.ts";
import { drawSignIn } from "./signin.ts";
import { calmly, type Tab } from "./tab.ts";
import { tasksTab } from "./tasks.ts";
import { drawWatch } from "./watch.ts";
import { speaker, type Say, type Word } from "./words.ts";

class Headquarters implements PartHandle {
  private readonly office: Office;
  private readonly head = h("div", { class: "hq-head" });
  private readonly bar = h("div", { class: "hq-tabs", role: "tablist" });
  private readonly body = h("div", { class: "hq-body", role: "tabpanel", id: "hq-panel", tabindex: -1 });
  private readonly photos: PhotoLine;
  private readonly tabs: Tab[];
  private readonly reloads: Map<Tab, () => void>;
  private current: Tab;
  private say: Say;
  private link = givenLink();
  private wasLost = false;
  private readonly minute: ReturnType<typeof setInterval>;

  constructor(root: HTMLElement, view: View, api: Api) {
    this.office = new Office(api, view);
    this.say = speaker(view.language);
    const room = { office: this.office, say: () => this.say };
    this.tabs = [chronologyTab(room), ordersTab(room), tasksTab(room), recordsTab(room)];
    this.current = this.tabs[0] as Tab;
    this.photos = new PhotoLine(this.office, () => this.say);
    this.reloads = new Map(this.tabs.map((tab) => [tab, calmly(() => void tab.load())]));
    root.replaceChildren(this.head, this.photos.root, this.bar, this.body);
    // What is overdue changes by the clock alone.
    this.minute = setInterval(() => this.reloads.get(this.current)?.(), 60_000);
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      await this.office.who();
    } catch (error) {
      this.head.replaceChildren(h("p", { class: "failed", role: "alert" }, this.say("failed", { reason: (error as Error).message })));
      return;
    }
    await this.draw();
  }

  private async draw(): Promise<void> {
    this.drawHead();
    void this.photos.load();
    this.drawTabs();
    await this.show(this.current);
  }

  private drawHead(): void {
    const { me, language } = this.office;
    const past = this.office.view.asOf !== null ? h("p", { class: "calm" }, this.say("past")) : null;
    if (me?.name && !this.link && (me.only === null || me.only === this.office.view.status)) {
      const roles = me.roles.map((r) => r.title[language]).join("・");
      this.head.replaceChildren(
        h(
          "p",
          { class: "who" },
          h("strong", {}, me.only === null ? this.say("signed_in", { name: me.name, organisation: me.organisation ?? "" }) : me.name),
          " ",
          h("span", { class: "role" }, roles),
          me.token ? h("button", { type: "button", class: "plain", onclick: () => void this.leave() }, this.say("sign_out")) : null,
        ),
        ...[drawGlass(this.office, this.say), past ?? drawWatch(this.office, this.say), past ? null : drawPartners(this.office, this.say)].filter((part) => part !== null),
      );
      return;
    }
    const signIn = () => {
      this.link = null;
      window.dispatchEvent(new Event("hinomi-signed"));
      void this.draw().then(() => {
        // The form has gone with its focus; who has gone on meanwhile stays where they are.
        if (document.activeElement !== document.body) return;
        (document.getElementById("hq-entry") ?? document.getElementById(`hq-tab-${this.current.id}`))?.focus();
      });
    };
    this.head.replaceChildren(...(past ? [past] : [drawSignIn(this.office, this.say, this.link, signIn)]));
    // Who comes by the link has nothing else to do first.
    const free = document.activeElement === document.body || document.activeElement?.id === "part";
    if (this.link && free) document.getElementById("sign-in-name")?.focus();
  }

  private async leave(): Promise<void> {
    await this.office.signOut();
    window.dispatchEvent(new Event("hinomi-signed"));
    await this.draw();
  }

  private drawTabs(): void {
    this.bar.setAttribute("aria-label", this.say("title"));
    patchChildren(
      this.bar,
      this.tabs.map((tab) => {
        const chosen = tab === this.current;
        const button = h(
          "button",
          {
            type: "button",
            class: "hq-tab-button",
            role: "tab",
            id: `hq-tab-${tab.id}`,
            "aria-selected": String(chosen),
            "aria-controls": "hq-panel",
            tabindex: chosen ? 0 : -1,
            onclick: () => this.choose(tab),
            onkeydown: (event) => this.step(event as KeyboardEvent, tab),
          },
          this.say(tab.id as Word),
        );
        return button;
      }),
    );
  }

  private step(event: KeyboardEvent, tab: Tab): void {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = this.tabs[(this.tabs.indexOf(tab) + step + this.tabs.length) % this.tabs.length];
    if (next) this.choose(next);
    document.getElementById(`hq-tab-${next?.id ?? ""}`)?.focus();
  }

  private choose(tab: Tab): void {
    if (tab === this.current) return;
    this.current = tab;
    this.drawTabs();
    void this.show(tab);
  }

  private async show(tab: Tab): Promise<void> {
    this.body.setAttribute("aria-labelledby", `hq-tab-${tab.id}`);
    this.body.replaceChildren(tab.root);
    try {
      await tab.reset();
    } catch (error) {
      this.body.prepend(h("p", { class: "failed", role: "alert" }, this.say("failed", { reason: (error as Error).message })));
    }
  }

  onView(view: View): void {
    const before = this.office.view;
    this.office.view = view;
    this.say = speaker(view.language);
    if (view.language !== before.language || view.status !== before.status || view.asOf !== before.asOf) void this.start();
    else if (view.area !== before.area) {
      // What somebody is writing stays, whatever they look at meanwhile.
      const writing = this.body.querySelector(".act-form, .entry-box") !== null;
      void (writing ? this.current.load() : this.show(this.current));
    }
  }

  onChange(change: Change): void {
    if (change.collection === INTAKE) this.photos.soon();
    for (const tab of this.tabs) if (tab === this.current && tab.collections.includes(change.collection)) this.reloads.get(tab)?.();
  }

  onLine(line: string): void {
    if (line === "live" && this.wasLost) void this.current.load();
    this.wasLost = line === "lost" || line === "stale";
  }

  unmount(): void {
    clearInterval(this.minute);
  }
}

const part: Part = {
  id: "hq",
  title: { ja: "本部", en: "Headquarters" },
  mount: (root, view, api) => new Headquarters(root, view, api),
};
export default part;
