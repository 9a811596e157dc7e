/** The form by which an instructor lets something happen now: a row of a scenario. */
import { h } from "../dom.ts";
import type { Api, Language } from "../part.ts";
import { keepDraft } from "../draft.ts";
import { KINDS, speaker, type Word } from "./words.ts";

type Send = (event: Record<string, string>) => Promise<boolean>;

export function injectForm(language: Language, api: Api, send: Send): HTMLElement {
  const say = speaker(language);
  const boxes: Record<string, HTMLInputElement | HTMLTextAreaElement> = {};
  const kind = h(
    "select",
    {
      id: "inject-what",
      onchange: () => {
        boxes["value"]!.value = hint().value;
        form.dispatchEvent(new Event("input"));
      },
    },
    ...KINDS.map((k) => h("option", { value: k.kind }, language === "ja" ? k.kind : `${k.kind} ${k.en}`)),
  );
  /** Show how what belongs to the chosen kind is written. */
  const hint = (): { value: string } => {
    const found = KINDS.find((k) => k.kind === kind.value);
    const example = { value: "", values: "", where: "", ...found, ...(language === "en" ? found?.english : {}) };
    boxes["value"]!.placeholder = example.values;
    boxes["where"]!.placeholder = example.where;
    return example;
  };
  const box = (name: string, word: Word, long = false): HTMLElement => {
    const id = `inject-${name}`;
    boxes[name] = long ? h("textarea", { id, rows: 2 }) : h("input", { id });
    return h("p", {}, h("label", { for: id }, say(word)), boxes[name]!);
  };
  const pick = h(
    "button",
    {
      type: "button",
      onclick: async () => {
        const found = await api.point();
        if (!found) return;
        [boxes["lon"]!.value, boxes["lat"]!.value] = [found[0].toFixed(5), found[1].toFixed(5)];
        form.dispatchEvent(new Event("input"));
      },
    },
    say("pick"),
  );
  const form: HTMLFormElement = h(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        const filled = Object.entries(boxes).map(([name, b]) => [name, b.value.trim()] as const);
        const done = await send({ what: kind.value, ...Object.fromEntries(filled.filter(([, v]) => v !== "")) });
        if (!done) return;
        forget();
        for (const b of Object.values(boxes)) b.value = "";
      },
    },
    h("h3", {}, say("inject")),
    h("p", {}, h("label", { for: "inject-what" }, say("kind")), kind),
    box("where", "where"),
    box("value", "value"),
    box("text", "text", true),
    h("div", { class: "drill-row" }, box("lon", "lon"), box("lat", "lat"), pick),
    box("expected", "expected"),
    h("div", { class: "drill-row" }, box("within", "within"), box("clues", "clues")),
    h("button", { type: "submit" }, say("inject")),
  );
  const forget = keepDraft(form, "exercise/inject");
  hint();
  return form;
}
