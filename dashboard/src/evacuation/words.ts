/** The evacuation plan's own words. */
import { speakerOf, type Saying } from "../speak.ts";
import type { Text } from "../types.ts";

const WORDS = {
  lead: {
    ja: "人口・避難情報・浸水予測・道路・避難所から計算した案です。状況が変わると作り直し、職員の指定は守られます。確認されるまでは案です。",
    en: "Drafts computed from population, orders, forecast water, roads and shelters. They are made anew as facts change and keep to what people settle. A draft until confirmed.",
  },
  none: { ja: "避難計画はありません。", en: "There is no evacuation plan." },
  past: { ja: "過去の画面です。計画の変更は「現在」でできます。", en: "A past screen: change plans in the present." },
  failed: { ja: "読めませんでした: {reason}", en: "Could not be read: {reason}" },
  plan_acts: { ja: "確認・履歴", en: "Confirm, history" },
  case_acts: { ja: "前提・地区の避難先を変える、終える", en: "Change assumptions or blocks, close" },
  shelter_acts: { ja: "この避難所の操作", en: "This shelter: actions" },
  draft: { ja: "案(確認待ち)", en: "Draft" },
  confirmed: { ja: "確認済 {who} {when}", en: "Confirmed by {who} {when}" },
  revised: { ja: "改定案: 確認({who} {when})の後に状況が変わりました", en: "Revised: facts have changed since {who} confirmed ({when})" },
  expected: { ja: "避難所へ {people}人({low}〜{high}人)", en: "{people} to shelters ({low} to {high})" },
  planned: { ja: "{count}人分を計画", en: "room planned for {count}" },
  shelters: { ja: "開設 {count}か所", en: "{count} shelters open" },
  staff: { ja: "職員 最大{count}人", en: "{count} staff at most" },
  unplaced: { ja: "避難先が{count}人分不足", en: "No room for {count} people" },
  car: { ja: "車で{count}人", en: "{count} by car" },
  walk: { ja: "移動 平均{minutes}分", en: "ways of {minutes} min on average" },
  from: { ja: "{when}から{hours}時間", en: "{hours} hours from {when}" },
  opens: { ja: "開設 {when}", en: "opens {when}" },
  prepare: { ja: "参集 {when}", en: "staff from {when}" },
  full: { ja: "満員 {when}", en: "full {when}" },
  fill: { ja: "{people}/{capacity}人", en: "{people} of {capacity}" },
  by_hour: { ja: "時刻ごとの人数: {list}", en: "People by the hour: {list}" },
  needs: { ja: "うち要配慮者 {count}人", en: "{count} of them need help" },
  details: { ja: "職員・物資・どこから", en: "Staff, goods, where from" },
  role: { ja: "職員", en: "Staff" },
  at_once: { ja: "同時", en: "at once" },
  shifts: { ja: "交替数", en: "shifts" },
  basis: { ja: "根拠", en: "Basis" },
  good: { ja: "物資", en: "Goods" },
  quantity: { ja: "数量", en: "Quantity" },
  block: { ja: "どこから", en: "From" },
  people: { ja: "人数", en: "People" },
  minutes: { ja: "分", en: "min" },
  others: { ja: "開設しない避難所({count})", en: "Shelters that do not open ({count})" },
  reserve: { ja: "予備", en: "in reserve" },
  notes: { ja: "注意", en: "Notes" },
  changes: { ja: "確認した計画からの変更", en: "Changes since it was confirmed" },
  show: { ja: "地図で見る", en: "Show on the map" },
  about: { ja: "前提と限界", en: "Assumptions and limits" },
  settled: { ja: "職員の指定", en: "Settled by people" },
  read: { ja: "公表値", en: "published" },
  memory: { ja: "要確認", en: "to be checked" },
  assumed: { ja: "仮定", en: "assumed" },
} satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;
export type Say = Saying<Word>;

export const speaker = speakerOf<Word>(WORDS);
