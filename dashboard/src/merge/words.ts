/** The merging's own words: fields and states as sources state them. */
import { speakerOf, type Saying } from "../speak.ts";
import type { Language, Text } from "../types.ts";

const WORDS = {
  lead: {
    ja: "発表者によって違う値と、同じものかもしれない記述です。正しいものを選ぶと、理由とともに記録されます。",
    en: "Values on which sources disagree, and statements that may be about one thing. What you choose is recorded with your reason.",
  },
  none: { ja: "未解決のものはありません。", en: "Nothing is open." },
  shown: { ja: "{shown}件を表示(全{count}件)", en: "{shown} of {count} shown" },
  narrow: { ja: "地域を選ぶと、その市区町村だけになります。", en: "Choose an area to see its own only." },
  disagree: { ja: "{field}が食い違っています", en: "They disagree: {field}" },
  now_shown: { ja: "表示中", en: "shown now" },
  right: { ja: "これが正しい", en: "This is right" },
  other_value: { ja: "別の値", en: "Another value" },
  maybe: { ja: "同じもの？", en: "The same thing?" },
  likely: { ja: "同じ見込み {probability}", en: "{probability} likely" },
  away: { ja: "{metres} m離れています", en: "{metres} m apart" },
  why: { ja: "根拠: {evidence}", en: "because: {evidence}" },
  statements: { ja: "発表者ごとの記述({count})", en: "What each source says ({count})" },
  each: { ja: "発表者ごとの記述", en: "What each source says" },
  show: { ja: "地図で見る", en: "Show on the map" },
  settled: { ja: "判断の記録", en: "Settlements" },
  none_settled: { ja: "まだありません。", en: "None yet." },
  past: { ja: "過去の画面です。判断は「現在」でできます。", en: "A past screen: settle in the present." },
  failed: { ja: "読めませんでした: {reason}", en: "Could not be read: {reason}" },
  loading: { ja: "読み込んでいます…", en: "Loading…" },
  same: { ja: "同じもの", en: "the same" },
  different: { ja: "別のもの", en: "not the same" },
  value: { ja: "{field}は{value}", en: "{field} is {value}" },
  withdrawn: { ja: "取り消し済み", en: "withdrawn" },
  alone: { ja: "この発表者だけが述べています。", en: "Only this source speaks of it." },
  said: { ja: "{time}の発表", en: "said {time}" },
  by_person: { ja: "人が判断", en: "settled by a person" },
  take_out: { ja: "切り離す", en: "Take out" },
} satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;
export type Say = Saying<Word>;

export const speaker = speakerOf<Word>(WORDS);

const FIELDS: Record<string, Text> = {
  name: { ja: "名称", en: "name" },
  address: { ja: "所在地", en: "address" },
  state: { ja: "状態", en: "state" },
  people: { ja: "避難者数", en: "people" },
  capacity: { ja: "定員", en: "capacity" },
  capacity_outdoor: { ja: "定員(屋外)", en: "capacity outdoors" },
  elevation_m: { ja: "標高", en: "elevation" },
  place: { ja: "位置", en: "position" },
  phone: { ja: "電話", en: "phone" },
  cause: { ja: "原因", en: "cause" },
  detail: { ja: "詳細", en: "detail" },
  remarks: { ja: "備考", en: "remarks" },
  title: { ja: "写真", en: "photo" },
  text: { ja: "写真の説明", en: "what the sender wrote" },
  taken_at: { ja: "撮影", en: "taken" },
  households: { ja: "戸数", en: "households" },
  road_type: { ja: "道路種別", en: "kind of road" },
  flood: { ja: "洪水", en: "flood" },
  landslide: { ja: "崖崩れ・土石流・地滑り", en: "landslide" },
  storm_surge: { ja: "高潮", en: "storm surge" },
  earthquake: { ja: "地震", en: "earthquake" },
  tsunami: { ja: "津波", en: "tsunami" },
  fire: { ja: "大規模な火事", en: "large fire" },
  inland_flood: { ja: "内水氾濫", en: "inland flood" },
  volcano: { ja: "火山現象", en: "volcano" },
};

const VALUES: Record<string, Text> = {
  open: { ja: "開設", en: "open" },
  closed: { ja: "閉鎖", en: "closed" },
  close: { ja: "閉鎖", en: "closed" },
  true: { ja: "○", en: "yes" },
  false: { ja: "×", en: "no" },
  road_close: { ja: "通行止め", en: "closed" },
  lane_regulation: { ja: "車線規制", en: "lanes closed" },
  one_sided_alternating_traffic: { ja: "片側交互通行", en: "alternating traffic" },
};

export function fieldName(field: string, language: Language): string {
  return FIELDS[field]?.[language] ?? field;
}

/** Whether a field is told in a short list: what has a name here. */
export function isTold(field: string): boolean {
  return field in FIELDS && field !== "name";
}

/** A value as people read it. */
export function valueText(value: unknown, language: Language): string {
  if (typeof value === "number") return value.toLocaleString(language);
  if (typeof value === "object" && value !== null) {
    const [x, y] = (value as { coordinates?: number[] }).coordinates ?? [];
    return typeof x === "number" && typeof y === "number" ? `${y.toFixed(5)}, ${x.toFixed(5)}` : "…";
  }
  return VALUES[String(value)]?.[language] ?? String(value);
}
