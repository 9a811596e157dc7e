/** 通知する区域: what one is told of by sound and notice: towns, coasts, from which strength. */
import { ApiError } from "../api.ts";
import { h } from "../dom.ts";
import type { Text } from "../part.ts";
import { towns } from "./form.ts";
import type { Office } from "./office.ts";
import type { Say } from "./words.ts";

interface Option {
  id: string;
  title: Text;
}

interface Watch {
  areas: string[];
  coasts: string[] | null;
  intensity: string;
  tsunami: string;
  eew: boolean;
  own: boolean;
  choices: { intensity: Option[]; tsunami: Option[]; coasts: Option[] };
}

/** A folded form; what it needs is asked for when somebody opens it. */
export function drawWatch(office: Office, say: Say): HTMLElement {
  const room = h("div", { class: "watch-form" });
  const fold = h("details", { class: "watch" }, h("summary", {}, say("watch")), room);
  fold.addEventListener("toggle", () => {
    if (fold.open) void load(room, office, say).catch((error: unknown) => room.replaceChildren(failed(error, say)));
  });
  return fold;
}

async function load(room: HTMLElement, office: Office, say: Say): Promise<void> {
  const [watch, names] = await Promise.all([office.api.get("me/watch") as Promise<Watch>, towns(office)]);
  draw(room, office, say, watch, names);
}

function draw(room: HTMLElement, office: Office, say: Say, watch: Watch, names: Map<string, string>): void {
  const language = office.language;
  const coastNames = new Map(watch.choices.coasts.map(({ id, title }) => [id, title[language]]));
  const areas = picker("watch-areas", say("watch_areas"), say, watch.areas, names, /^\d{2,7}$/);
  const coasts = picker("watch-coasts", say("watch_coasts"), say, watch.coasts ?? [], coastNames, /^\d{3}$/);
  const mode = select("watch-coast-mode", say("tsunami_where"), [
    { id: "prefecture", label: say("coasts_prefecture") },
    { id: "named", label: say("coasts_named") },
    { id: "none", label: say("coasts_none") },
  ], watch.coasts === null ? "prefecture" : watch.coasts.length === 0 ? "none" : "named");
  const show = (): void => void (coasts.element.hidden = mode.box.value !== "named");
  mode.box.addEventListener("change", show);
  show();
  const labels = (options: Option[]) => options.map(({ id, title }) => ({ id, label: title[language] }));
  const intensity = select("watch-intensity", say("watch_intensity"), labels(watch.choices.intensity), watch.intensity);
  const tsunami = select("watch-tsunami", say("watch_tsunami"), labels(watch.choices.tsunami), watch.tsunami);
  const eew = h("input", { type: "checkbox", id: "watch-eew", checked: watch.eew });
  const told = h("p", { class: "calm", role: "status" }, say(watch.own ? "watch_own" : "watch_usual"));
  const keep = (body: unknown): void => {
    office.put("me/watch", body).then(
      (answer) => {
        draw(room, office, say, answer as Watch, names);
        room.querySelector<HTMLElement>("button.do")?.focus();
        window.dispatchEvent(new Event("hinomi-signed"));
      },
      (error: unknown) => room.append(failed(error, say)),
    );
  };
  const form = h(
    "form",
    {},
    h("p", { class: "calm" }, say("watch_lead")),
    areas.element,
    intensity.element,
    mode.element,
    coasts.element,
    tsunami.element,
    h("p", {}, eew, " ", h("label", { for: eew.id }, say("watch_eew"))),
    h(
      "p",
      { class: "act-buttons" },
      h("button", { type: "submit", class: "do" }, say("watch_keep")),
      watch.own ? h("button", { type: "button", class: "plain", onclick: () => keep(null) }, say("watch_back")) : null,
    ),
    told,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const named = { prefecture: null, named: coasts.read(), none: [] }[mode.box.value] as string[] | null;
    keep({ areas: areas.read(), coasts: named, intensity: intensity.box.value, tsunami: tsunami.box.value, eew: eew.checked });
  });
  room.replaceChildren(form);
}

function failed(error: unknown, say: Say): HTMLElement {
  return h("p", { class: "failed", role: "alert" }, error instanceof ApiError ? error.message : say("lost"));
}

function select(id: string, label: string, options: { id: string; label: string }[], value: string): { element: HTMLElement; box: HTMLSelectElement } {
  const box = h("select", { id }, ...options.map((o) => h("option", { value: o.id, selected: o.id === value }, o.label)));
  return { element: h("p", {}, h("label", { for: id }, label), " ", box), box };
}

/** Names or codes, one after the other; each chosen one is a button that takes it away again. */
function picker(id: string, label: string, say: Say, chosen: string[], names: Map<string, string>, code: RegExp): { element: HTMLElement; read(): string[] } {
  const codes = new Map([...names].map(([key, name]) => [name, key]));
  const kept = [...chosen];
  const box = h("input", { id, list: `${id}-list`, autocomplete: "off" });
  const list = h("datalist", { id: `${id}-list` }, ...[...names].map(([key, name]) => h("option", { value: name }, key)));
  const held = h("span", { class: "chosen" });
  const show = (): void => {
    held.replaceChildren(
      ...kept.map((key, index) => {
        const name = names.get(key) ?? key;
        const gone = h("button", { type: "button", class: "plain", "aria-label": say("take_away", { name }) }, `${name} ×`);
        gone.addEventListener("click", () => {
          kept.splice(index, 1);
          show();
          box.focus();
        });
        return gone;
      }),
    );
  };
  const add = (): void => {
    const key = codes.get(box.value.trim()) ?? box.value.trim();
    if (key === "") return;
    box.setCustomValidity(code.test(key) ? "" : say("no_such_area"));
    if (!box.reportValidity()) return;
    if (!kept.includes(key)) kept.push(key);
    box.value = "";
    show();
  };
  box.addEventListener("input", () => {
    box.setCustomValidity("");
    if (codes.has(box.value.trim())) add();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  });
  show();
  const plus = h("button", { type: "button", class: "plain", onclick: add }, say("add"));
  const read = (): string[] => {
    add();
    return kept;
  };
  return { element: h("div", { class: "watch-picker" }, h("label", { for: id }, label), " ", box, plus, list, held), read };
}
