/** The panel's words in both languages. */
import type { Language } from "../part.ts";

const WORDS = {
  title: ["訓練進行", "Drill control"],
  none: ["訓練はまだ行われていません。", "There has been no exercise."],
  notInstructor: [
    "台本と操作は進行役だけに表示されます。",
    "The script and the controls are shown to instructors only.",
  ],
  past: ["過去の時点を表示しています。操作はできません。", "A past moment is shown; it cannot be led."],
  time: ["訓練の時刻", "Exercise time"],
  phase: ["局面", "Phase"],
  speed: ["速さ(倍)", "Speed (times life)"],
  set: ["変更", "Set"],
  start: ["始める", "Start"],
  scenario: ["訓練(名前かファイル)", "Drill (name or file)"],
  pause: ["一時停止", "Pause"],
  resume: ["再開", "Resume"],
  stop: ["終える", "End"],
  sure: ["本当に終える", "Really end it"],
  jump: ["局面へ移る", "Go to the phase"],
  script: ["台本", "Script"],
  told: ["参加者に伝えた状況", "What players were told"],
  nothing: ["ありません。", "Nothing."],
  at: ["時刻", "Time"],
  event: ["出来事", "Event"],
  expected: ["期待する行動", "Expected"],
  state: ["状態", "State"],
  coming: ["これから", "coming"],
  played: ["済", "played"],
  skipped: ["飛ばした", "skipped"],
  inject: ["いま入れる", "Inject now"],
  kind: ["種別", "Kind"],
  where: ["対象(市町村・避難所など)", "Where (municipality, shelter …)"],
  value: ["値", "Value"],
  text: ["参加者に伝える文", "What players are told"],
  lon: ["経度", "Longitude"],
  lat: ["緯度", "Latitude"],
  pick: ["地図で選ぶ", "Pick on the map"],
  within: ["期限(分)", "Within (min)"],
  clues: ["手がかり(、で区切る)", "Clues (divided by 、)"],
  review: ["振り返り", "Review"],
  csv: ["表(CSV)", "Table (CSV)"],
  outcome: ["結果", "Outcome"],
  answer: ["最初の行動", "First answer"],
  delay: ["所要(分)", "Delay (min)"],
  done: ["実施", "done"],
  early: ["先に実施", "done before"],
  late: ["遅れ", "late"],
  missed: ["未実施", "missed"],
  sent: ["指示しました。", "Done."],
  noReview: ["期待する行動のある出来事は、まだ起きていません。", "No event with an expected action has been played yet."],
} as const;

export type Word = keyof typeof WORDS;

export function words(language: Language): (word: Word) => string {
  return (word) => WORDS[word][language === "ja" ? 0 : 1];
}

/** What an instructor may inject, as scenarios name it, with an example of its value and of where. */
export const KINDS: { kind: string; en: string; value: string; where?: string; english?: { value: string; where?: string } }[] = [
  { kind: "通行止", en: "Road cut", value: "" },
  { kind: "満員", en: "Shelter full", value: "" },
  { kind: "流言", en: "Rumour", value: "" },
  { kind: "停電", en: "Power failure", value: "" },
  { kind: "電話", en: "Phone call", value: "" },
  { kind: "状況", en: "Anything else", value: "" },
  { kind: "地震", en: "Earthquake", value: "M6.0 深さ10km", where: "○○市=5強、△△町=4", english: { value: "M6.0 depth 10 km", where: "A-shi=5+, B-machi=4" } },
  { kind: "津波", en: "Tsunami", value: "津波注意報 1m" },
  { kind: "大雨", en: "Heavy rain level", value: "4" },
  { kind: "土砂災害", en: "Landslide level", value: "4" },
  { kind: "氾濫", en: "River flood level", value: "4" },
];
