/** A form made of an act's inputs: every act of every field is filled in here, without knowing it. */
import { ApiError } from "../api.ts";
import { keepDraft } from "../draft.ts";
import { h } from "../dom.ts";
import { fromInput, moment, toInput } from "../time.ts";
import type { Act, Input, Office, Values } from "./office.ts";
import { wishId } from "./office.ts";
import type { Say } from "./words.ts";

interface Box {
  input: Input;
  element: HTMLElement;
  read(): unknown;
}

export interface FormOptions {
  act: Act;
  /** The item that is acted on, and the statement that was seen. */
  on?: { key: string; record: string };
  /** Values that are set already; their boxes are not shown. */
  fixed?: Values;
  /** Boxes that start with something else than the act says. */
  start?: Values;
  done(): void;
  cancel?(): void;
}

export function drawForm(office: Office, say: Say, options: FormOptions): HTMLFormElement {
  const { act } = options;
  const language = office.language;
  const fixed = options.fixed ?? {};
  const boxes = act.inputs
    .filter(({ name }) => !(name in fixed))
    .filter((input) => !(input.kind === "key" || (input.many && input.name === "based_on")) || input.required)
    .map((input) => drawBox(office, say, input, options.start?.[input.name] ?? input.value));
  const message = h("p", { class: "failed", role: "alert", hidden: true });
  const cancel = () => {
    forget();
    options.cancel?.();
  };
  const submit = h("button", { type: "submit", class: "do" }, act.title[language]);
  let wish = wishId();
  let sure = !act.grave;
  const form = h(
    "form",
    { class: "act-form", "aria-label": act.title[language] },
    h("p", { class: "act-text" }, act.text[language]),
    ...boxes.map(({ element }) => element),
    message,
    h(
      "p",
      { class: "act-foot" },
      submit,
      options.cancel && h("button", { type: "button", class: "plain", onclick: () => cancel() }, say("cancel")),
    ),
  );
  const forget = keepDraft(form, draftOf(office, options));
  form.addEventListener("input", () => {
    sure = !act.grave;
    submit.textContent = act.title[language];
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!sure) {
      sure = true;
      submit.textContent = say("again");
      return;
    }
    void send();
  });
  async function send(): Promise<void> {
    const values: Values = { ...fixed };
    for (const { input, read } of boxes) values[input.name] = read();
    submit.disabled = true;
    message.hidden = true;
    try {
      await office.do(act, values, wish, options.on);
      wish = wishId();
      forget();
      office.api.announce(say("done", { title: act.title[language] }));
      options.done();
    } catch (error) {
      message.textContent = words(error, say, boxes, language);
      message.hidden = false;
      // What the server has refused was not done: it is another wish when it is sent again.
      if (error instanceof ApiError) wish = wishId();
    } finally {
      submit.disabled = false;
    }
  }
  form.addEventListener("keydown", (event) => {
    // Half-typed it may be found again: only the button gives it up.
    if (event.key === "Escape" && !event.isComposing) options.cancel?.();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return form;
}

/** What is begun in a form belongs to the act, the item, and the world of actual or exercise. */
export function draftOf(office: Office, { act, on, fixed }: Pick<FormOptions, "act" | "on" | "fixed">): string {
  return [office.view.status, act.id, on?.key ?? "", ...Object.values(fixed ?? {}).map(String)].join("/");
}

/** The first thing in a form that can be filled in gets the keyboard. */
export function focusForm(form: HTMLElement): void {
  form.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select, button")?.focus();
}

function words(error: unknown, say: Say, boxes: Box[], language: "ja" | "en"): string {
  if (!(error instanceof ApiError)) return say("lost");
  if (error.status === 412) return say("conflict");
  const problems = error.problem["problems"];
  if (Array.isArray(problems) && problems.length > 0) {
    return (problems as { path: string; text: string }[])
      .map(({ path, text }) => {
        const name = path.replace("values/", "");
        const label = boxes.find(({ input }) => input.name === name)?.input.label[language];
        return text.includes(label ?? "\0") ? text : `${label ?? name}: ${text}`;
      })
      .join(" / ");
  }
  return error.message.replace(/^\d+ /, "");
}

let ids = 0;

function drawBox(office: Office, say: Say, input: Input, value: unknown): Box {
  const id = `act-box-${++ids}`;
  const label = input.label[office.language];
  const { element, read } = control(office, say, input, value, id);
  const flag = input.kind === "flag";
  const mark = input.required ? h("span", { class: "required" }, say("required")) : null;
  const unit = input.unit ? h("span", { class: "unit" }, input.unit) : null;
  const hint = input.hint ? h("small", {}, input.hint[office.language]) : null;
  const head = h("label", { for: id }, label, " ", mark);
  const whole = h("div", { class: `box box-${input.kind}` }, flag ? element : head, flag ? head : element, unit, hint);
  return { input, element: whole, read };
}

function control(office: Office, say: Say, input: Input, value: unknown, id: string): { element: HTMLElement; read(): unknown } {
  const common = { id, name: input.name, required: input.required && input.kind !== "place" };
  const text = Array.isArray(value) ? value.join("、") : value === null || value === undefined ? "" : String(value);
  switch (input.kind) {
    case "longtext": {
      const element = h("textarea", { ...common, rows: 2 }, text);
      return { element, read: () => element.value };
    }
    case "choice": {
      const empty = input.required && text ? [] : [h("option", { value: "" }, "―")];
      const element = h(
        "select",
        common,
        ...empty,
        ...input.choices.map((c) => h("option", { value: c.value, selected: c.value === text }, c.label[office.language])),
      );
      return { element, read: () => element.value };
    }
    case "flag": {
      const element = h("input", { ...common, required: false, type: "checkbox", checked: value === true });
      return { element, read: () => element.checked };
    }
    case "number": {
      const element = h("input", { ...common, type: "number", step: "any", inputmode: "decimal", value: text });
      return { element, read: () => element.value };
    }
    case "time": {
      const start = text === "now" ? new Date() : moment(value);
      const shown = start ? toInput(start) : "";
      const element = h("input", { ...common, type: "datetime-local", value: shown });
      // Untouched, a time keeps the seconds that the box does not show; "now" is when it is written.
      const same = text === "now" ? "" : text;
      return { element, read: () => (element.value === shown ? same : element.value ? fromInput(element.value) : "") };
    }
    case "area":
      return areaBox(office, common, text || (office.view.area ?? ""));
    case "place":
      return placeBox(office, say, value, id);
    default: {
      const element = h("input", { ...common, type: "text", value: text, autocomplete: "off" });
      return { element, read: () => (input.many ? split(element.value) : element.value) };
    }
  }
}

function split(text: string): string[] {
  return text.split(/[、,，\n]/).map((part) => part.trim()).filter(Boolean);
}

/** A municipality: by name or code, from the towns that something is known of. */
function areaBox(office: Office, common: Record<string, string | boolean>, value: string): { element: HTMLElement; read(): unknown } {
  const list = h("datalist", { id: `${String(common["id"])}-towns` });
  const box = h("input", { ...common, type: "text", list: list.id, value, autocomplete: "off" });
  const names = new Map<string, string>();
  void towns(office).then((found) => {
    for (const [code, name] of found) {
      names.set(name, code);
      list.append(h("option", { value: `${name} ${code}` }));
      if (box.value === code) box.value = `${name} ${code}`;
    }
  });
  return {
    element: h("span", { class: "towns" }, box, list),
    read: () => /(\d{7})\s*$/.exec(box.value)?.[1] ?? names.get(box.value.trim()) ?? box.value.trim(),
  };
}

/** Code and name of the municipalities with a level, or of all in the area master. */
export async function towns(office: Office): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const name = office.language === "ja" ? "name" : "name_en";
  const areas = await office.api.items("areas", { filter: "kind = 'municipality'", "skip-geometry": "true" }).catch(() => []);
  for (const { properties: p } of areas) found.set(String(p["code"]), String(p[name] || p["name"]));
  if (found.size === 0) {
    const levels = await office.api.items("hazards.levels", { "skip-geometry": "true" }).catch(() => []);
    for (const { properties: p } of levels) found.set(String(p["area_code"]), String(p[`area_${name}`] || p["area_name"]));
  }
  return found;
}

/** A place by clicks on the map: one is a point, two a line, three and more an outline. */
function placeBox(office: Office, say: Say, value: unknown, id: string): { element: HTMLElement; read(): unknown } {
  let points: [number, number][] = [];
  let kept = value ?? null;
  const shown = h("output", { for: id });
  const show = () => {
    shown.textContent = points.length === 0 ? (kept === null ? "" : "●") : say("points", { count: points.length });
  };
  const pick = h("button", { type: "button", class: "plain", id }, say("pick"));
  pick.addEventListener("click", () => {
    pick.textContent = say("picking");
    void office.api.point().then((point) => {
      pick.textContent = say("pick");
      if (point) points.push(point);
      show();
      pick.focus();
    });
  });
  const clear = h("button", { type: "button", class: "plain" }, say("clear"));
  clear.addEventListener("click", () => {
    points = [];
    kept = null;
    show();
  });
  show();
  const read = () => {
    const [first] = points;
    if (!first) return kept;
    if (points.length === 1) return { type: "Point", coordinates: first };
    if (points.length === 2) return { type: "LineString", coordinates: points };
    return { type: "Polygon", coordinates: [[...points, first]] };
  };
  return { element: h("span", { class: "picker" }, pick, shown, clear), read };
}
