/** Cases and runs as the API gives them, and the link that names a comparison. */
import type { Feature, Language, Text } from "../types.ts";
import type { Say } from "./words.ts";

export const CASES = "hazards.scenario_cases";
export const RUNS = "hazards.scenario_runs";
export const MOST = 4;
/** What the form's empty "closed until" becomes: ten days [min]. */
const LONGEST_MIN = 60 * 240;

export type State = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Figures {
  area_m2: number;
  area_by_rank_m2: number[];
  volume_m3: number;
  deepest_m: number;
  fastest_m_s: number;
  earliest_arrival_min?: number;
  people?: number;
  buildings?: number;
}

export interface Score {
  of: string;
  against: string;
  nse?: number;
  kge?: number;
  rmse_m?: number;
  peak_error_m?: number;
  csi?: number;
  csi_deep?: number;
}

export interface Changes {
  rain_factor?: number;
  rain_mm_h?: unknown;
  inflow_factor?: number;
  breach?: { width_m?: number; start_min?: number }[];
  dem?: { by_m: number }[];
  gate?: { crest_m: number; closed_min?: [number, number][] }[];
  pump?: { capacity_m3_s: number }[];
  manning?: number;
  drain_mm_h?: number;
  hours?: number;
}

export interface Run {
  title: string;
  case: string;
  case_title: string;
  changes: Changes;
  state: State;
  progress?: number;
  asked_by: string;
  asked_at: string;
  reason?: string;
  reason_en?: string;
  figures?: Figures;
  cost?: { cpu_s: number; cells: number; steps: number };
  traces?: { minutes: number[] }[];
  kernel?: string;
  limits?: string;
  limits_en?: string;
}

export interface Compared {
  runs: { key: string; run: Run; scores: Score[] }[];
  legends: Record<string, { colour: string; label: Text }[]>;
}

export const runOf = (feature: Feature): Run => feature.properties as unknown as Run;

/** What a run changes, in a line. */
export function changed(changes: Changes, say: Say): string {
  const percent = (factor: number): number => Math.round(factor * 100);
  const signed = (by: number): string => (by > 0 ? `+${by}` : String(by));
  const words = [
    changes.rain_mm_h !== undefined && say("rain_series"),
    changes.rain_factor !== undefined && say("rain", { factor: percent(changes.rain_factor) }),
    changes.inflow_factor !== undefined && say("inflow", { factor: percent(changes.inflow_factor) }),
    changes.breach?.length === 0 && say("no_breach"),
    ...(changes.breach ?? []).map(({ width_m, start_min }) => say("breach", { width: width_m ?? 100 }) + (start_min ? ` ${say("minutes", { minutes: start_min })}` : "")),
    ...(changes.dem ?? []).map(({ by_m }) => say("dem", { by: signed(by_m) })),
    ...(changes.gate ?? []).map(({ crest_m, closed_min }) => [say("gate", { crest: crest_m }), ...(closed_min ?? []).map((times) => closed(times, say))].join(" ")),
    ...(changes.pump ?? []).map(({ capacity_m3_s }) => say("pump", { rate: capacity_m3_s })),
    ...(["manning", "drain_mm_h", "hours"] as const).map((name) => changes[name] !== undefined && say(name, { value: changes[name] })),
  ].filter(Boolean);
  return words.length === 0 ? say("unchanged") : say("changes", { list: words.join(say("and")) });
}

/** When a gate is closed; one that stays so to the end of the longest run has no second time. */
function closed([from, to]: [number, number], say: Say): string {
  return to >= LONGEST_MIN ? say("closed_from", { from }) : say("closed", { from, to });
}

/** The runs that the address names, behind its `#`: the map writes there too. */
export function linkedRuns(hash: string): string[] {
  const found = new URLSearchParams(hash.replace(/^#/, "")).get("runs") ?? "";
  return found.split(",").filter((key) => /^[\w.-]{1,80}$/.test(key)).slice(0, MOST);
}

/** The same address with other runs in it; what else is behind the `#` stays as it is. */
export function withRuns(hash: string, runs: string[]): string {
  const rest = hash.replace(/^#/, "").split("&").filter((part) => part !== "" && !part.startsWith("runs="));
  const parts = runs.length > 0 ? [`runs=${runs.join(",")}`, ...rest] : rest;
  return parts.length > 0 ? `#${parts.join("&")}` : "";
}

export function limitsOf(run: Run, language: Language): string {
  return (language === "ja" ? run.limits : run.limits_en) ?? "";
}
