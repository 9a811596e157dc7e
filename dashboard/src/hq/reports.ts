/** The reports: one click makes a PDF, a workbook, or prints. And the form that damage is entered in. */
import { caller } from "../api.ts";
import { h } from "../dom.ts";
import type { Language, Text } from "../part.ts";
import { drawForm, type FormOptions } from "./form.ts";
import type { Office } from "./office.ts";
import "./reports.css";
import type { Say } from "./words.ts";

interface Report {
  name: string;
  title: Text;
  own: boolean;
  fault: Text | null;
  formats: { format: string; type: string; href: string }[];
}

const WORDS = {
  reports: { ja: "報告書", en: "Reports" },
  pdf: { ja: "PDF", en: "PDF" },
  xlsx: { ja: "Excel", en: "Excel" },
  print: { ja: "印刷", en: "Print" },
  making: { ja: "作成しています…", en: "Making it…" },
  made: { ja: "{title}を作成しました。", en: "{title} is made." },
  failed: { ja: "作成できませんでした: {reason}", en: "Could not be made: {reason}" },
  fault: { ja: "テンプレートに誤りがあります", en: "The template has a fault" },
  whole: { ja: "対象: 全域", en: "Of: everything" },
  narrowed: { ja: "対象: 選んだ市町村", en: "Of: the chosen municipality" },
  other_figures: { ja: "ほかの項目（非住家・ライフライン・被害額など）", en: "Other figures" },
} satisfies Record<string, Text>;

/** What a headquarters counts first; the form's other boxes are folded away. */
const FIRST = [
  "area_code", "incident", "said_by", "correction", "dead", "missing", "injured_serious", "injured_slight",
  "destroyed_buildings", "half_buildings", "partial_buildings", "above_floor_buildings", "below_floor_buildings",
  "outline",
];

/** A row of buttons for each report. */
export function drawReports(office: Office): HTMLElement {
  const say = (word: keyof typeof WORDS, values: Record<string, string> = {}) => put(WORDS[word], office.language, values);
  const state = h("p", { class: "report-state", role: "status" });
  const rows = h("ul", { class: "report-rows" });
  const scope = h("p", { class: "report-scope" }, say(office.view.area ? "narrowed" : "whole"));
  void office.api
    .get("reports")
    .then((found) => rows.replaceChildren(...(found as { reports: Report[] }).reports.map(row)))
    .catch((error: unknown) => told(say("failed", { reason: reasonOf(error) })));
  return h("section", { class: "reports" }, h("h2", {}, say("reports")), scope, rows, state);

  function told(words: string): void {
    state.textContent = words;
  }

  function row(report: Report): HTMLElement {
    const title = report.title[office.language];
    if (report.fault) {
      const fault = h("pre", {}, report.fault[office.language]);
      return h("li", {}, h("span", {}, title), h("details", { class: "failed" }, h("summary", {}, say("fault")), fault));
    }
    const pdf = link(report, "pdf", title);
    const sheet = link(report, "xlsx", title);
    const print = h("button", { type: "button", class: "plain", "aria-label": `${title} ${say("print")}`, onclick: () => void printed(report) }, say("print"));
    return h("li", {}, h("span", {}, title), h("span", { class: "report-buttons" }, pdf, sheet, print));
  }

  function link(report: Report, format: "pdf" | "xlsx", title: string): HTMLElement {
    const attributes = {
      href: address(report.name, format),
      class: "plain button",
      target: "_blank",
      rel: "noopener",
      "data-report": `${report.name}.${format}`,
      "aria-label": `${title} ${say(format)}`,
      onclick: (event: Event) => {
        // A link carries no key; with a session's cookie it is enough by itself.
        if (!office.api.hasKey()) return;
        event.preventDefault();
        void saved(report, format);
      },
    };
    return h("a", attributes, say(format));
  }

  function address(name: string, format: string): string {
    const query = new URLSearchParams({ f: format, lang: office.language });
    if (office.view.area) query.set("area", office.view.area);
    return office.api.href(`reports/${encodeURIComponent(name)}?${query}`);
  }

  async function fetched(report: Report, format: string): Promise<string | null> {
    told(say("making"));
    try {
      const answer = await fetch(address(report.name, format), { headers: caller() });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const made = URL.createObjectURL(await answer.blob());
      told(say("made", { title: report.title[office.language] }));
      return made;
    } catch (error) {
      told(say("failed", { reason: reasonOf(error) }));
      return null;
    }
  }

  async function saved(report: Report, format: "pdf" | "xlsx"): Promise<void> {
    const made = await fetched(report, format);
    if (made === null) return;
    h("a", { href: made, download: `${report.name}.${format}` }).click();
    setTimeout(() => URL.revokeObjectURL(made), 60_000);
  }

  async function printed(report: Report): Promise<void> {
    const made = await fetched(report, "html");
    if (made === null) return;
    document.querySelector("iframe.report-print")?.remove();
    const frame = h("iframe", { class: "report-print", src: made, title: report.title[office.language], "aria-hidden": "true", tabindex: -1 });
    frame.style.cssText = "position:fixed;width:0;height:0;border:0;visibility:hidden";
    frame.addEventListener("load", () => {
      frame.dataset["ready"] = "true";
      frame.contentWindow?.print();
    });
    document.body.append(frame);
  }
}

/** The form for a municipality's damage: what is counted first in front, the form's other boxes folded. */
export function drawDamageEntry(office: Office, say: Say, options: FormOptions): HTMLFormElement {
  const form = drawForm(office, say, options);
  form.classList.add("damage-entry");
  const rest = [...form.querySelectorAll<HTMLElement>(".box")].filter((box) => {
    const name = box.querySelector("[name]")?.getAttribute("name") ?? "";
    return name !== "" && !FIRST.includes(name);
  });
  const fold = h("details", { class: "damage-rest" }, h("summary", {}, put(WORDS.other_figures, office.language, {})));
  rest[0]?.before(fold);
  fold.append(...rest);
  return form;
}

function put(text: Text, language: Language, values: Record<string, string>): string {
  return text[language].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
