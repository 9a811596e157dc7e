/** A comparison: maps side by side or their difference, figures, scores, one place, and its link. */
import { ApiError } from "../api.ts";
import { h } from "../dom.ts";
import type { Api, BBox, Language } from "../part.ts";
import { drawMap, markPlace, Views } from "./maps.ts";
import { limitsOf, withRuns, type Compared } from "./runs.ts";
import { drawFigures, drawLegend, drawProbe, drawScores, type Probed } from "./tables.ts";
import type { Say } from "./words.ts";

const KINDS = ["max_depth_m", "arrival_min", "depth_m", "difference"] as const;
type Kind = (typeof KINDS)[number];

export class Comparison {
  readonly root = h("section", { class: "wb-comparison" });
  private told: Compared | null = null;
  private bounds: BBox | null = null;
  private kind: Kind = "max_depth_m";
  private moment = 0;
  private readonly views = new Views();
  private readonly maps = h("div", { class: "wb-maps" });
  private readonly probe = h("div", { "aria-live": "polite" });
  private keys: string[] = [];

  constructor(private readonly api: Api, private say: Say, private language: Language) {}

  speak(say: Say, language: Language): void {
    this.say = say;
    this.language = language;
  }

  /** Show these runs; none empties it. */
  async show(keys: string[]): Promise<void> {
    this.keys = keys;
    if (keys.length === 0) {
      this.told = null;
      this.root.replaceChildren();
      return;
    }
    try {
      const told = (await this.api.get(`workbench/compare?runs=${keys.join(",")}`)) as Compared;
      if (keys !== this.keys) return;
      const fresh = JSON.stringify(told) !== JSON.stringify(this.told);
      this.told = told;
      if (fresh) await this.draw();
    } catch (error) {
      const unseen = error instanceof ApiError && error.status === 404;
      this.root.replaceChildren(h("p", { class: "failed", role: "alert" }, unseen ? this.say("unseen") : this.say("failed", { reason: (error as Error).message })));
    }
  }

  private async draw(): Promise<void> {
    const { told, say, language } = this;
    if (!told) return;
    const done = told.runs.filter(({ run }) => run.state === "done");
    const first = done[0];
    this.bounds = first ? ((first.run as unknown as { bounds: BBox }).bounds ?? null) : null;
    if (done.length < 2 && this.kind === "difference") this.kind = "max_depth_m";
    const choices = KINDS.filter((kind) => kind !== "difference" || done.length === 2);
    const kinds = h(
      "div",
      { class: "wb-kinds", role: "group", "aria-label": say("map_of") },
      ...choices.map((kind) => h("button", { type: "button", "aria-pressed": String(kind === this.kind), "data-kind": kind, onclick: () => this.turn(kind) }, say(kind))),
      h("button", { type: "button", class: "plain", "aria-label": say("zoom_in"), onclick: () => this.views.by(1.6) }, "＋"),
      h("button", { type: "button", class: "plain", "aria-label": say("zoom_out"), onclick: () => this.views.by(1 / 1.6) }, "−"),
    );
    const scores = drawScores(told, say);
    this.root.replaceChildren(
      h("h3", {}, say("comparison")),
      this.linkLine(),
      ...(first && this.bounds ? [kinds, this.maps, h("p", { class: "wb-hint" }, say("probe_hint")), this.probe] : []),
      h("div", { class: "wb-scroll", tabindex: 0, role: "region", "aria-label": say("figures") }, drawFigures(told, say, language)),
      ...(scores ? [h("div", { class: "wb-scroll", tabindex: 0, role: "region", "aria-label": say("scores") }, scores), h("p", { class: "wb-hint" }, say("scores_help"))] : []),
      h("p", { class: "wb-limits" }, first ? limitsOf(first.run, language) : ""),
    );
    this.drawMaps();
  }

  private turn(kind: Kind): void {
    this.kind = kind;
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-kind]")) button.setAttribute("aria-pressed", String(button.dataset["kind"] === kind));
    this.drawMaps();
  }

  private drawMaps(): void {
    const { told, say, bounds, kind } = this;
    if (!told || !bounds) return;
    const done = told.runs.filter(({ run }) => run.state === "done");
    this.views.clear();
    const address = (keys: string[], rest = ""): string => this.api.href(`workbench/picture?runs=${keys.join(",")}&of=${kind}${rest}`);
    const map = (title: string, where: string): HTMLElement =>
      drawMap({ title, alt: say("picture", { title, of: say(kind) }), address: where, bounds, views: this.views, say, onPoint: (at) => void this.ask(at) });
    const pictures =
      kind === "difference"
        ? [map(say("difference_of", { first: done[0]!.run.title, second: done[1]!.run.title }), address([done[0]!.key, done[1]!.key]))]
        : done.map(({ key, run }) => map(run.title, address([key], kind === "depth_m" ? `&moment=${this.moment}` : "")));
    const legend = told.legends[kind === "depth_m" ? "max_depth_m" : kind] ?? [];
    this.maps.dataset["count"] = String(pictures.length);
    this.maps.replaceChildren(...pictures, kind === "depth_m" ? this.slider() : "", drawLegend(legend, this.language));
  }

  /** Moments of the run with the most: the others stand still at their end. */
  private slider(): HTMLElement {
    const minutes = this.minutes();
    const words = h("output", {}, this.say("moment", { minutes: Math.round(minutes[this.moment] ?? 0) }));
    const box = h("input", {
      type: "range", min: 0, max: Math.max(minutes.length - 1, 1), value: this.moment, "aria-label": this.say("depth_m"),
      oninput: ({ currentTarget }) => {
        this.moment = Number((currentTarget as HTMLInputElement).value);
        words.textContent = this.say("moment", { minutes: Math.round(minutes[this.moment] ?? 0) });
      },
      onchange: () => {
        this.drawMaps();
        this.maps.querySelector<HTMLElement>("input[type=range]")?.focus();
      },
    });
    return h("div", { class: "wb-slider" }, box, words);
  }

  /** Of a gauge that is followed; where none is, of the place that was asked for. */
  private minutes(): number[] {
    const traces = this.told?.runs.flatMap(({ run }) => run.traces ?? []) ?? [];
    const known = [...traces, ...(this.probed?.runs ?? [])].map(({ minutes }) => minutes ?? []);
    return known.reduce<number[]>((a, b) => (b.length > a.length ? b : a), []);
  }

  private probed: Probed | undefined;

  private async ask(at: [number, number]): Promise<void> {
    const keys = this.keys;
    try {
      const found = (await this.api.get(`workbench/probe?runs=${keys.join(",")}&place=${at.join(",")}`)) as Probed;
      if (keys !== this.keys) return;
      this.probed = found;
      this.probe.replaceChildren(drawProbe(found, this.say));
      if (this.bounds) markPlace(this.maps, at, this.bounds);
    } catch (error) {
      this.probe.replaceChildren(h("p", { class: "failed" }, this.say("failed", { reason: (error as Error).message })));
    }
  }

  private linkLine(): HTMLElement {
    const said = h("output", {});
    const copy = async (): Promise<void> => {
      const link = location.origin + location.pathname + location.search + withRuns(location.hash, this.keys);
      try {
        await navigator.clipboard.writeText(link);
        said.textContent = this.say("copied");
      } catch {
        // Without https a browser gives no clipboard.
        said.textContent = this.say("link_is", { link });
      }
    };
    return h("p", { class: "wb-link" }, h("button", { type: "button", class: "do", onclick: () => void copy() }, this.say("link")), " ", said);
  }
}
