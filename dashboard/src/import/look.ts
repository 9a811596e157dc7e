/** What a file would become: its columns, its problems, its first rows. */
import { h } from "../dom.ts";
import type { Language, Text } from "../part.ts";
import type { Preview } from "./desk.ts";
import { known, type Say } from "./words.ts";

const MOST_PROBLEMS = 20;
const MOST_ROWS = 5;
/** Below this a guess is shown as one. */
const SURE = 0.7;
/** Ours to fill in: nobody has such a column. */
const OWN = new Set(["match_key", "crowding", "capacity_text"]);

/** A table: each column with some values, and what it means. */
export function drawColumns(found: Preview, names: Record<string, Text>, language: Language, say: Say, map: (column: string, property: string) => void): HTMLElement {
  const properties = Object.keys(found.properties).filter((name) => !OWN.has(name));
  const order = [...found.missing, "name", "latitude", "longitude", "address", "state", "capacity", "people", "phone"];
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  properties.sort((a, b) => rank(a) - rank(b));
  const rows = found.columns.map(({ name, property, confidence, samples }, index) => {
    const select = h(
      "select",
      {
        id: `import-column-${index}`,
        "aria-label": `${name}: ${say("means")}`,
        onchange: ({ currentTarget }) => map(name, (currentTarget as HTMLSelectElement).value),
      },
      h("option", { value: "" }, say("unused")),
      ...properties.map((p) => h("option", { value: p, selected: p === property }, label(p, names, language))),
    );
    const guessed = property !== "" && confidence < SURE;
    return h(
      "tr",
      { "data-column": name, "data-used": String(property !== "") },
      h("th", { scope: "row" }, name),
      h("td", {}, samples.slice(0, 3).join(" / ")),
      h("td", {}, select, guessed && h("small", {}, ` ${say("unknown")}`)),
    );
  });
  const head = h("tr", {}, ...(["column", "samples", "means"] as const).map((word) => h("th", { scope: "col" }, say(word))));
  return h("section", { "aria-label": say("columns") }, h("h3", {}, say("columns")), h("table", { class: "import-columns" }, h("thead", {}, head), h("tbody", {}, ...rows)));
}

/** What is wrong, each with its row and column; nothing is lost in silence. */
export function drawProblems(found: Preview, language: Language, say: Say): HTMLElement[] {
  if (found.problems_in_all === 0) return [];
  const rows = found.problems.slice(0, MOST_PROBLEMS).map(({ path, text, found: said, expected }) =>
    h(
      "li",
      {},
      h("b", {}, place(path, say)),
      " ",
      said ? h("q", {}, said) : null,
      " ",
      typeof text === "string" ? text : text[language],
      expected ? h("small", {}, ` ${say("expected", { expected })}`) : null,
    ),
  );
  const more = found.problems_in_all - rows.length;
  if (more > 0) rows.push(h("li", {}, say("more", { count: more })));
  return [h("section", { class: "import-problems" }, h("h3", {}, say("problems", { count: found.problems_in_all })), h("ul", {}, ...rows))];
}

/** The first rows as they are read. */
export function drawFirst(found: Preview, names: Record<string, Text>, language: Language, say: Say): HTMLElement[] {
  const used = found.columns.map(({ property }) => property).filter((p) => p !== "" && !["longitude", "latitude"].includes(p));
  const rows = found.first.filter(({ read }) => read !== null).slice(0, MOST_ROWS);
  if (rows.length === 0 || used.length === 0) return [];
  const head = h("tr", {}, ...used.map((p) => h("th", { scope: "col" }, label(p, names, language))));
  const body = rows.map(({ read }) => h("tr", {}, ...used.map((p) => h("td", {}, cell(read?.[p])))));
  return [h("section", {}, h("h3", {}, say("first")), h("div", { class: "import-first", tabindex: 0, role: "region", "aria-label": say("first") }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...body))))];
}

function label(name: string, names: Record<string, Text>, language: Language): string {
  return known(name, language) ?? names[name]?.[language] ?? name;
}

function cell(value: unknown): string {
  if (typeof value === "boolean") return value ? "○" : "×";
  return value === null || value === undefined ? "" : String(value);
}

/** `/row[3]/人数` as people say it. */
function place(path: string, say: Say): string {
  const found = /^\/row\[(\d+)\](?:\/(.*))?$/.exec(path);
  return found ? [say("row", { row: found[1] ?? "" }), found[2]].filter(Boolean).join(" ") : path;
}
