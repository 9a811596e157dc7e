/** The import's own words. What collections, fields and problems are called comes from the API. */
import { speakerOf, type Saying } from "../speak.ts";
import type { Language, Text } from "../part.ts";

const WORDS = {
  lead: {
    ja: "市町村のホームページなどから取った表や地図のファイルを、ここへ落とすか選びます。列の名前は何でも構いません。",
    en: "Drop or choose a table or map file, such as a town's open data. Its columns may have any names.",
  },
  kinds: { ja: "CSV・Excel・GeoJSON・KML・GeoPackage・Shapefile(ZIP)", en: "CSV, Excel, GeoJSON, KML, GeoPackage, Shapefile (ZIP)" },
  choose: { ja: "ファイルを選ぶ", en: "Choose a file" },
  other_file: { ja: "ほかのファイル", en: "Another file" },
  drop: { ja: "ここへファイルを落とす", en: "Drop the file here" },
  into: { ja: "何の一覧か", en: "A list of" },
  source: { ja: "作成者（市町村名など）", en: "Made by (a town's name)" },
  reading: { ja: "読んでいます…", en: "Reading it…" },
  columns: { ja: "列の対応", en: "Columns" },
  column: { ja: "ファイルの列", en: "Column" },
  samples: { ja: "値の例", en: "Values" },
  means: { ja: "何の値か", en: "Means" },
  unused: { ja: "（取り込まない）", en: "(not taken)" },
  unknown: { ja: "要確認", en: "check" },
  missing: { ja: "{name}の列を選んでください。どの行にも必要です。", en: "Choose the column for: {name}. Every row needs it." },
  no_place: { ja: "緯度と経度の列を選ぶと地図に出ます。", en: "Choose the columns for latitude and longitude to see them on the map." },
  count: { ja: "{rows}行のうち {good}行を取り込めます。", en: "{good} of {rows} rows can be taken." },
  refused: { ja: "{refused}行は取り込めません。", en: "{refused} rows cannot be taken." },
  placeless: { ja: "{count}行は位置がありません。", en: "{count} have no place." },
  problems: { ja: "問題 {count}件", en: "Problems: {count}" },
  row: { ja: "{row}行目", en: "row {row}" },
  expected: { ja: "正しくは: {expected}", en: "expected: {expected}" },
  more: { ja: "ほか {count}件", en: "{count} more" },
  first: { ja: "このように取り込みます", en: "This is how they will be taken" },
  take: { ja: "{good}行を取り込む", en: "Take {good} rows" },
  taking: { ja: "取り込んでいます…", en: "Taking them…" },
  taken: { ja: "取り込みました: 新しい {new}件、既にあった {known}件。", en: "Taken: {new} new, {known} known already." },
  show: { ja: "地図で見る", en: "Show on the map" },
  failed: { ja: "できませんでした: {reason}", en: "Could not be done: {reason}" },
  denied: {
    ja: "いまのサインインでは取り込めません。起動した端末に出たリンクか、個人のキーでサインインしてください。",
    en: "This sign-in may not import. Use the link that the terminal showed at the start, or a personal key.",
  },
  past: { ja: "過去の画面です。取り込みは「現在」でできます。", en: "A past screen: importing is possible in the present." },
  guest: { ja: "{name} として取り込みます。", en: "Importing as {name}." },
  id: { ja: "番号（同じ番号は同じもの）", en: "identifier" },
  longitude: { ja: "経度", en: "longitude" },
  latitude: { ja: "緯度", en: "latitude" },
  said_at: { ja: "いつの情報か", en: "stated at" },
  start: { ja: "開始", en: "start" },
  end: { ja: "終了", en: "end" },
  name: { ja: "名称", en: "name" },
  name_kana: { ja: "ふりがな", en: "name in kana" },
  name_en: { ja: "英語の名称", en: "name in English" },
  municipality: { ja: "市町村", en: "municipality" },
  municipality_code: { ja: "市町村コード", en: "municipality's code" },
  state: { ja: "開設状況", en: "state (open …)" },
  district: { ja: "地区", en: "district" },
  address: { ja: "所在地", en: "address" },
  capacity_outdoor: { ja: "屋外の定員", en: "capacity outdoors" },
  elevation_m: { ja: "標高", en: "elevation" },
  serves: { ja: "対象の町会・地区", en: "serves" },
  accepts: { ja: "受入対象者", en: "accepts" },
} satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;
export type Say = Saying<Word>;

export const speaker = speakerOf<Word>(WORDS);

/** What a property is called, as far as it is known here. */
export function known(name: string, language: Language): string | undefined {
  return name in WORDS ? WORDS[name as Word][language] : undefined;
}
