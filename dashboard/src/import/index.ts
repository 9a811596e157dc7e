/** 取り込み: a town's own file onto the screen: choose, look, say what the columns mean, confirm. */
import { ApiError } from "../api.ts";
import { h } from "../dom.ts";
import { boxAround } from "../geo.ts";
import "../hq/hq.css";
import { givenLink } from "../hq/link.ts";
import { Office } from "../hq/office.ts";
import { drawSignIn } from "../hq/signin.ts";
import { speaker as office_words } from "../hq/words.ts";
import type { Api, Part, PartHandle, Text, View } from "../part.ts";
import { patchChildren } from "../patch.ts";
import { labels, lists, preview, take, type List, type Plan, type Preview } from "./desk.ts";
import { givenFile, onFile } from "./files.ts";
import "./import.css";
import { drawColumns, drawFirst, drawProblems } from "./look.ts";
import { known, speaker, type Say } from "./words.ts";

const ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xls,.json,.geojson,.kml,.gpkg,.fgb,.zip";

class Import implements PartHandle {
  private readonly office: Office;
  private readonly head = h("div", {});
  private readonly body = h("div", {});
  private say: Say;
  private link = givenLink();
  private file: File | null = givenFile();
  private plan: Plan = { collection: "", source: "", columns: {} };
  private known: List[] = [];
  private names: Record<string, Text> = {};
  private found: Preview | null = null;
  /** What a column's present choice has taken from another. */
  private readonly lent = new Map<string, { from: string; property: string }>();
  /** Only the newest answer is drawn. */
  private asked = 0;

  constructor(root: HTMLElement, view: View, private readonly api: Api) {
    this.office = new Office(api, view);
    this.say = speaker(view.language);
    // Signing in looks the same everywhere.
    root.append(h("div", { class: "part-hq" }, this.head, this.body));
    onFile(() => this.choose(givenFile()));
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      await this.office.who();
      this.known = await lists(this.office);
      this.plan.collection ||= this.known[0]?.id ?? "";
      this.names = await labels(this.office, this.plan.collection);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.draw();
    if (this.file && this.office.writes) void this.look();
  }

  private draw(): void {
    const { me, view } = this.office;
    if (view.asOf !== null) {
      this.head.replaceChildren(h("p", { class: "calm" }, this.say("past")));
      this.body.replaceChildren();
      return;
    }
    if (!this.office.writes || this.link) {
      this.signIn();
      return;
    }
    this.head.replaceChildren(h("p", { class: "calm" }, this.say("guest", { name: me?.name ?? "" })));
    this.drawBody();
  }

  private signIn(...before: HTMLElement[]): void {
    const done = (): void => {
      this.link = null;
      window.dispatchEvent(new Event("hinomi-signed"));
      this.draw();
      if (this.file) void this.look();
      else document.getElementById("import-file")?.focus();
    };
    this.head.replaceChildren(...before, drawSignIn(this.office, office_words(this.office.language), this.link, done));
  }

  private drawBody(state: HTMLElement | null = null): void {
    const { say } = this;
    const found = this.found;
    // The boxes stay the same ones: whoever chooses by keys writes on while the answer comes.
    patchChildren(this.body, [
      this.drawFile(),
      ...(state ? [state] : []),
      ...(found && !state
        ? [
            this.drawCount(found),
            drawColumns(found, this.names, this.office.language, say, (column, property) => this.map(column, property)),
            ...drawProblems(found, this.office.language, say),
            ...drawFirst(found, this.names, this.office.language, say),
          ]
        : []),
    ]);
    // The same file can be chosen again only when the box has let go of it.
    const box = this.body.querySelector<HTMLInputElement>("#import-file");
    if (box && box.files?.[0] !== this.file) box.value = "";
  }

  private drawFile(): HTMLElement {
    const { say } = this;
    const chosen = ({ currentTarget }: Event): void => this.choose((currentTarget as HTMLInputElement).files?.[0] ?? null);
    const input = h("input", { type: "file", id: "import-file", accept: ACCEPTED, "aria-describedby": "import-kinds", onchange: chosen });
    const into = h(
      "select",
      { id: "import-into", oninput: ({ currentTarget }) => void this.retarget((currentTarget as HTMLSelectElement).value) },
      ...this.known.map(({ id, title }) => h("option", { value: id, selected: id === this.plan.collection }, title)),
    );
    const named = ({ currentTarget }: Event): void => {
      this.plan = { ...this.plan, source: (currentTarget as HTMLInputElement).value.trim() };
    };
    const source = h("input", { id: "import-source", maxlength: 80, value: this.plan.source, placeholder: this.office.me?.name ?? "", onchange: named });
    return h(
      "section",
      { class: "drop-zone", "aria-label": say("choose") },
      h("p", {}, say("lead")),
      h("p", { class: "drop-file" }, h("label", { for: input.id }, this.file ? say("other_file") : say("choose")), input),
      this.file && h("p", {}, h("strong", {}, this.file.name)),
      h("small", { id: "import-kinds" }, say("kinds")),
      h("p", { class: "import-boxes" }, h("label", { for: into.id }, say("into")), into, h("label", { for: source.id }, say("source")), source),
    );
  }

  private drawCount(found: Preview): HTMLElement {
    const { say } = this;
    const label = (name: string): string => known(name, this.office.language) ?? this.names[name]?.[this.office.language] ?? name;
    const needs = found.missing.map((name) => h("p", { class: "failed", role: "alert" }, say("missing", { name: label(name) })));
    const placed = new Set(found.columns.map(({ property }) => property));
    const placeless = found.good > 0 && found.without_place === found.good && !(placed.has("longitude") && placed.has("latitude"));
    const button = h("button", { type: "button", class: "do", id: "import-take", disabled: found.good === 0, onclick: () => void this.take() }, say("take", { good: found.good }));
    return h(
      "section",
      { class: "import-count" },
      ...needs,
      h(
        "p",
        { role: "status" },
        say("count", { rows: found.rows, good: found.good }),
        " ",
        found.refused > 0 && h("strong", {}, say("refused", { refused: found.refused })),
        " ",
        found.without_place > 0 && say("placeless", { count: found.without_place }),
      ),
      placeless && h("p", { class: "failed" }, say("no_place")),
      button,
    );
  }

  private choose(file: File | null): void {
    if (!file) return;
    this.file = file;
    this.found = null;
    this.lent.clear();
    this.plan = { ...this.plan, columns: {} };
    if (this.office.writes) void this.look();
    else this.draw();
  }

  private async retarget(collection: string): Promise<void> {
    this.lent.clear();
    this.plan = { ...this.plan, collection, columns: {} };
    this.names = await labels(this.office, collection).catch(() => ({}));
    if (this.file) await this.look();
  }

  /**
   * One property is one column's: the column that had it gives it up, and has it back when the choice
   * moves on, as it does with each press of an arrow.
   */
  private map(column: string, property: string): void {
    const columns: Record<string, string> = {};
    for (const { name, property: had } of this.found?.columns ?? []) columns[name] = this.plan.columns[name] ?? had;
    const back = this.lent.get(column);
    if (back && columns[back.from] === "") columns[back.from] = back.property;
    this.lent.delete(column);
    const owner = property === "" ? undefined : Object.keys(columns).find((name) => name !== column && columns[name] === property);
    if (owner !== undefined) {
      columns[owner] = "";
      this.lent.set(column, { from: owner, property });
    }
    columns[column] = property;
    this.plan = { ...this.plan, columns };
    void this.look();
  }

  private async look(): Promise<void> {
    const file = this.file;
    if (!file) return;
    const asked = ++this.asked;
    if (!this.found) this.drawBody(waiting(this.say("reading")));
    try {
      const found = await preview(this.office, file, this.plan);
      if (asked !== this.asked) return;
      this.found = found;
      this.drawBody();
      if (Object.keys(this.plan.columns).length === 0) document.getElementById("import-take")?.scrollIntoView({ block: "nearest" });
    } catch (error) {
      if (asked === this.asked) this.fail(error);
    }
  }

  private async take(): Promise<void> {
    const { file, found } = this;
    if (!file || !found) return;
    this.drawBody(waiting(this.say("taking")));
    try {
      const taken = await take(this.office, file, this.plan);
      const box = boxAround(found.first.map(({ place, row }) => ({ type: "Feature", id: String(row), properties: {}, geometry: place })));
      const words = [this.say("taken", { new: taken.new, known: taken.known }), taken.refused > 0 ? this.say("refused", { refused: taken.refused }) : ""];
      const show = box && h("button", { type: "button", class: "plain", id: "import-show", onclick: () => this.api.look(box) }, this.say("show"));
      this.file = null;
      this.drawBody(h("section", { class: "import-done" }, h("p", { role: "status" }, words.join(" ")), show ?? null, ...drawProblems(found, this.office.language, this.say)));
      this.found = null;
      this.api.announce(words.join(" "));
      (document.getElementById("import-show") ?? document.getElementById("import-file"))?.focus();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    const reason = error instanceof Error ? error.message.replace(/^\d+ /, "") : String(error);
    const failed = h("p", { class: "failed", role: "alert" }, this.say("failed", { reason }));
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
      this.signIn(h("p", { class: "failed", role: "alert" }, this.say("denied")));
      this.body.replaceChildren();
      return;
    }
    this.drawBody(failed);
  }

  onView(view: View): void {
    const other = view.language !== this.office.view.language || view.status !== this.office.view.status || view.asOf !== this.office.view.asOf;
    this.office.view = view;
    this.say = speaker(view.language);
    if (other) void this.start();
  }

  unmount(): void {
    onFile(null);
  }
}

function waiting(words: string): HTMLElement {
  return h("div", { class: "skeleton", role: "status" }, h("span", {}, words), h("i"), h("i"));
}

const part: Part = {
  id: "import",
  title: { ja: "取り込み", en: "Import" },
  mount: (root, view, api) => new Import(root, view, api),
};
export default part;
