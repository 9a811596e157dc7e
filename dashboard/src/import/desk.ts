/** The import's questions to the server: a preview of what a file would become, and taking it. */
import { caller, fetchJson, problemOf } from "../api.ts";
import type { Office } from "../hq/office.ts";
import type { Feature, Text } from "../part.ts";

export interface Problem {
  path: string;
  /** A preview tells in both languages, a refusal in the caller's. */
  text: Text | string;
  found?: string;
  expected?: string;
}

export interface Preview {
  name: string;
  format: string;
  columns: { name: string; property: string; confidence: number; samples: string[] }[];
  properties: Record<string, string>;
  missing: string[];
  rows: number;
  good: number;
  refused: number;
  without_place: number;
  first: { row: number; said: Record<string, string>; read: Record<string, unknown> | null; place: Feature["geometry"] }[];
  problems: Problem[];
  problems_in_all: number;
}

export interface Taken {
  new: number;
  known: number;
  refused: number;
}

/** What is told about the file. `columns`: what the reader has chosen; the rest is guessed. */
export interface Plan {
  collection: string;
  source: string;
  columns: Record<string, string>;
}

/** What may be imported here: lists that towns publish. What people act on is written in 本部. */
const LISTS = [
  "response.shelters",
  "response.sites",
  "response.roads",
  "response.water_points",
  "response.water_cuts",
  "response.supply_bases",
  "response.hospitals",
  "response.debris_yards",
];

export interface List {
  id: string;
  title: string;
}

export async function lists(office: Office): Promise<List[]> {
  const found = (await fetchJson(`collections?f=json&lang=${office.language}`)) as { collections: List[] };
  return LISTS.flatMap((id) => found.collections.find((c) => c.id === id) ?? []);
}

/** What the properties of a collection are called on the screen. */
export async function labels(office: Office, collection: string): Promise<Record<string, Text>> {
  interface Labelled {
    collection: string;
    fields: { name: string; label: Text }[];
    board: { fields: { name: string; label: Text }[] } | null;
  }
  const { layers } = (await office.api.get("layers?f=json")) as { layers: Labelled[] };
  const fields = layers.filter((l) => l.collection === collection).flatMap((l) => [...(l.board?.fields ?? []), ...l.fields]);
  return Object.fromEntries(fields.filter(({ label }) => label.ja !== "").map(({ name, label }) => [name, label]));
}

export function preview(office: Office, file: File, plan: Plan): Promise<Preview> {
  return post(office, "imports", file, plan) as Promise<Preview>;
}

export function take(office: Office, file: File, plan: Plan): Promise<Taken> {
  return post(office, "imports/confirm", file, plan) as Promise<Taken>;
}

async function post(office: Office, path: string, file: File, plan: Plan): Promise<unknown> {
  const query = new URLSearchParams({ collection: plan.collection, name: file.name, lang: office.language });
  if (office.view.status !== "actual") query.set("status", office.view.status);
  if (plan.source) query.set("source", plan.source);
  if (Object.keys(plan.columns).length > 0) query.set("columns", JSON.stringify(plan.columns));
  const token: Record<string, string> = office.me?.token ? { "X-CSRF-Token": office.me.token } : {};
  const headers = { ...caller(), ...token, "Content-Type": "application/octet-stream" };
  const answer = await fetch(`${path}?${query}`, { method: "POST", headers, body: file });
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}
