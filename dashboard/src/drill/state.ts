/** What the server tells of an exercise, and the exercise's own clock between two answers. */

export interface Exercise {
  run: string;
  title: string;
  state: "running" | "paused" | "ended" | "stopped";
  words_ja: string;
  words_en: string;
  phase: string;
  phases: { name: string; at_s: number }[];
  speed: number;
  drill_s: number;
  length_s: number;
}

export interface ScriptLine {
  key: string;
  at_s: number;
  title: string;
  text: string;
  expected: string;
  state: "coming" | "played" | "skipped";
  injected_by: string;
}

export interface DrillState {
  exercise: Exercise | null;
  instructor: boolean;
  script: ScriptLine[];
}

export interface ReviewLine {
  event: string;
  at_s: number;
  title: string;
  expected: string;
  outcome: "done" | "early" | "late" | "missed";
  answer: string;
  by: string;
  delay_min: number | null;
}

/** The exercise's time now, from an answer that came `gone_ms` ago. */
export function drillSeconds(exercise: Exercise, gone_ms: number): number {
  const speed = exercise.state === "running" ? exercise.speed : 0;
  return Math.min(exercise.length_s, exercise.drill_s + (gone_ms / 1000) * speed);
}

/** `1:30:05`, as scenarios write times. */
export function spell(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
