/** タスク: what is to be done, the overdue first. */
import { h } from "../dom.ts";
import type { Feature } from "../part.ts";
import { clock, moment } from "../time.ts";
import { drawForm, focusForm } from "./form.ts";
import { drawActions } from "./item.ts";
import { fill, type Room, type Tab } from "./tab.ts";

const COLLECTION = "response.tasks";

export function tasksTab(room: Room): Tab {
  const { office } = room;
  const root = h("section", { class: "hq-tab", id: "hq-tasks" });
  const list = h("ul", { class: "tasks" });
  const form = h("div", { class: "new-task" });
  const all = h("input", { type: "checkbox", id: "hq-tasks-all" });
  all.addEventListener("input", () => void load());

  async function load(): Promise<void> {
    const say = room.say();
    const open = "state IN ('open','doing')";
    await fill(list, say, async () => {
      const found = await office.api.items(COLLECTION, all.checked ? {} : { filter: open });
      found.sort((a, b) => rank(a) - rank(b));
      return found.map(row);
    }, say("none"));
  }

  function moment_of(): number {
    return office.view.asOf === null ? Date.now() : Date.parse(office.view.asOf);
  }

  function rank(item: Feature): number {
    const p = item.properties;
    const due = moment(p["due_at"])?.getTime() ?? 8e15;
    return (finished(p) ? 1e16 : 0) + due - (p["urgent"] ? 1 : 0);
  }

  function row(item: Feature): HTMLElement {
    const say = room.say();
    const p = item.properties;
    const now = new Date(moment_of());
    const due = moment(p["due_at"]);
    const overdue = due !== undefined && due < now && !finished(p);
    return h(
      "li",
      { class: "task", "data-key": item.id, "data-state": String(p["state"]), "data-overdue": String(overdue) },
      h(
        "div",
        { class: "order-head" },
        overdue ? h("span", { class: "state-chip", "data-state": "overdue" }, say("overdue")) : null,
        p["urgent"] ? h("span", { class: "state-chip", "data-state": "open" }, say("urgent")) : null,
        h("strong", {}, String(p["title"])),
        h("span", {}, String(p["owner"])),
        due ? h("time", { datetime: due.toISOString() }, say("due", { time: clock(due, now) })) : null,
      ),
      p["text"] ? h("div", {}, String(p["text"])) : null,
      p["result"] ? h("div", {}, "→ ", String(p["result"])) : null,
      drawActions(office, say, COLLECTION, item, () => void load()),
    );
  }

  async function draw(): Promise<void> {
    const say = room.say();
    list.setAttribute("aria-label", say("tasks"));
    form.replaceChildren(...(office.writes ? await button() : []));
    root.replaceChildren(form, h("label", { for: all.id }, all, " ", say("show_done")), list);
    await load();
  }

  async function button(): Promise<HTMLElement[]> {
    const [act] = await office.begins(COLLECTION);
    if (!act) return [];
    const open = h("button", { type: "button", class: "do", disabled: !act.possible }, act.title[office.language]);
    open.addEventListener("click", () => {
      const back = () => {
        form.replaceChildren(open);
        open.focus();
      };
      const done = () => {
        back();
        void load();
      };
      const drawn = drawForm(office, room.say(), { act, done, cancel: back });
      form.replaceChildren(drawn);
      focusForm(drawn);
    });
    return [open];
  }

  return { id: "tasks", root, collections: [COLLECTION], load, reset: draw };
}

function finished(p: Record<string, unknown>): boolean {
  return p["state"] === "done" || p["state"] === "dropped";
}
