/** The panel's words in both languages. */
import { speakerOf } from "../speak.ts";
import type { Text } from "../part.ts";

const WORDS = {
  title: { ja: "訓練進行", en: "Drill control" },
  none: { ja: "訓練はまだ行われていません。", en: "There has been no exercise." },
  notInstructor: { ja: "台本と操作は進行役だけに表示されます。", en: "The script and the controls are shown to instructors only." },
  past: { ja: "過去の時点を表示しています。操作はできません。", en: "A past moment is shown; it cannot be led." },
  time: { ja: "訓練の時刻", en: "Exercise time" },
  phase: { ja: "局面", en: "Phase" },
  speed: { ja: "速さ(倍)", en: "Speed (times life)" },
  set: { ja: "変更", en: "Set" },
  start: { ja: "始める", en: "Start" },
  scenario: { ja: "訓練(名前かファイル)", en: "Drill (name or file)" },
  pause: { ja: "一時停止", en: "Pause" },
  resume: { ja: "再開", en: "Resume" },
  stop: { ja: "終える", en: "End" },
  sure: { ja: "本当に終える", en: "Really end it" },
  jump: { ja: "局面へ移る", en: "Go to the phase" },
  script: { ja: "台本", en: "Script" },
  told: { ja: "参加者に伝えた状況", en: "What players were told" },
  nothing: { ja: "ありません。", en: "Nothing." },
  at: { ja: "時刻", en: "Time" },
  event: { ja: "出来事", en: "Event" },
  expected: { ja: "期待する行動", en: "Expected" },
  state: { ja: "状態", en: "State" },
  coming: { ja: "これから", en: "coming" },
  played: { ja: "済", en: "played" },
  skipped: { ja: "飛ばした", en: "skipped" },
  inject: { ja: "いま入れる", en: "Inject now" },
  kind: { ja: "種別", en: "Kind" },
  where: { ja: "対象(市町村・避難所など)", en: "Where (municipality, shelter …)" },
  value: { ja: "値", en: "Value" },
  text: { ja: "参加者に伝える文", en: "What players are told" },
  lon: { ja: "経度", en: "Longitude" },
  lat: { ja: "緯度", en: "Latitude" },
  pick: { ja: "地図で選ぶ", en: "Pick on the map" },
  within: { ja: "期限(分)", en: "Within (min)" },
  clues: { ja: "手がかり(、で区切る)", en: "Clues (divided by 、)" },
  review: { ja: "振り返り", en: "Review" },
  csv: { ja: "表(CSV)", en: "Table (CSV)" },
  outcome: { ja: "結果", en: "Outcome" },
  answer: { ja: "最初の行動", en: "First answer" },
  delay: { ja: "所要(分)", en: "Delay (min)" },
  done: { ja: "実施", en: "done" },
  early: { ja: "先に実施", en: "done before" },
  late: { ja: "遅れ", en: "late" },
  missed: { ja: "未実施", en: "missed" },
  sent: { ja: "指示しました。", en: "Done." },
  noReview: { ja: "期待する行動のある出来事は、まだ起きていません。", en: "No event with an expected action has been played yet." },
} satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;

export const speaker = speakerOf<Word>(WORDS);

interface Example {
  value: string;
  /** What the value's box may hold instead. */
  values?: string;
  where?: string;
}

/** What an instructor may inject, as scenarios name it, with an example of its value and of where. */
export const KINDS: (Example & { kind: string; en: string; english?: Example })[] = [
  { kind: "通行止", en: "Road cut", value: "", values: "空欄は全面通行止、片側交互、大型通行止、解除", english: { value: "", values: "empty: closed; 片側交互 one lane, 大型通行止 no lorries, 解除 open again" } },
  { kind: "満員", en: "Shelter full", value: "" },
  { kind: "流言", en: "Rumour", value: "" },
  { kind: "停電", en: "Power failure", value: "", values: "空欄は全域、1200戸、復旧", english: { value: "", values: "empty: all of it; 1200戸 households, 復旧 restored" } },
  { kind: "電話", en: "Phone call", value: "" },
  { kind: "状況", en: "Anything else", value: "" },
  { kind: "地震", en: "Earthquake", value: "M6.0 深さ10km", where: "○○市=5強、△△町=4", english: { value: "M6.0 depth 10 km", where: "A-shi=5+, B-machi=4" } },
  { kind: "津波", en: "Tsunami", value: "津波注意報 1m" },
  { kind: "大雨", en: "Heavy rain level", value: "4" },
  { kind: "土砂災害", en: "Landslide level", value: "4" },
  { kind: "氾濫", en: "River flood level", value: "4" },
];
