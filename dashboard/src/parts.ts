/** The parts of the screen beside list and map, in the order of their tabs. */
import type { Part, PartEntry } from "./part.ts";

// Found when the page is built: a part whose folder is not there has no tab.
const MODULES = import.meta.glob<{ default: Part }>(["./hq/index.ts", "./evacuation/index.ts", "./workbench/index.ts", "./drill/index.ts", "./import/index.ts", "./merge/index.ts"]);

const DECLARED: (Omit<PartEntry, "load"> & { module: string })[] = [
  {
    id: "hq",
    title: { ja: "本部", en: "Headquarters" },
    collections: [
      "response.chronology",
      "response.evacuation_orders",
      "response.order_drafts",
      "response.tasks",
      "response.damage",
      "response.lifelines",
      "response.decisions",
      "response.roster",
      "response.handovers",
      "response.photo_intake",
    ],
    statuses: ["actual", "exercise", "test"],
    module: "./hq/index.ts",
  },
  {
    id: "evacuation",
    title: { ja: "避難計画", en: "Evacuation" },
    collections: ["response.evacuation_plans", "response.shelter_plans", "response.evacuation_cases"],
    statuses: ["actual", "exercise", "test"],
    module: "./evacuation/index.ts",
  },
  {
    id: "workbench",
    title: { ja: "シナリオ", en: "Scenarios" },
    collections: ["hazards.scenario_cases", "hazards.scenario_runs"],
    statuses: ["actual", "exercise", "test"],
    module: "./workbench/index.ts",
  },
  {
    id: "merge",
    title: { ja: "突き合わせ", en: "Merging" },
    collections: ["response.places", "response.settlements"],
    statuses: ["actual", "exercise", "test"],
    module: "./merge/index.ts",
  },
  {
    id: "import",
    title: { ja: "取り込み", en: "Import" },
    collections: [],
    statuses: ["actual", "exercise", "test"],
    module: "./import/index.ts",
  },
  {
    id: "drill",
    title: { ja: "訓練進行", en: "Drill control" },
    collections: [
      "response.exercises",
      "response.script",
      "response.injects",
      "response.evacuation_orders",
      "response.chronology",
      "response.tasks",
    ],
    statuses: ["exercise"],
    module: "./drill/index.ts",
  },
];

export const PARTS: PartEntry[] = DECLARED.flatMap(({ module, ...entry }) => {
  const found = MODULES[module];
  return found ? [{ ...entry, load: async () => (await found()).default }] : [];
});
