/** The page's own words. What layers and data are called comes from the API. */
import type { Language, Text } from "./types.ts";

const WORDS = {
  name: { ja: "火の見", en: "Hinomi" },
  tagline: { ja: "発表状況", en: "What is in force" },
  exercise: { ja: "訓練", en: "EXERCISE" },
  exercise_text: {
    ja: "訓練用のデータです。実際の災害情報ではありません。",
    en: "Exercise data. Nothing here is happening.",
  },
  test: { ja: "試験", en: "TEST" },
  test_text: { ja: "配信試験のデータです。実際の災害情報ではありません。", en: "Line test data. Nothing here is happening." },
  to_actual: { ja: "実際の状況へ", en: "Show the actual situation" },
  loading: { ja: "読み込んでいます…", en: "Loading…" },
  state_connecting: { ja: "接続中", en: "Connecting" },
  state_live: { ja: "自動更新中", en: "Live" },
  state_stale: { ja: "更新が止まっています", en: "No updates arriving" },
  state_lost: { ja: "接続が切れています", en: "Disconnected" },
  state_past: { ja: "過去の表示", en: "Past" },
  lost_text: {
    ja: "サーバーと通信できません。表示は {time} 時点のもので、その後の発表は含みません。再接続を続けています。",
    en: "The server cannot be reached. What you see is as of {time}; later announcements are missing. Reconnecting.",
  },
  stale_text: {
    ja: "30秒以上更新を受け取っていません。表示は {time} 時点のものです。",
    en: "Nothing has arrived for 30 seconds. What you see is as of {time}.",
  },
  as_of: { ja: "時点を指定", en: "As of" },
  as_of_label: { ja: "表示する時点（日本時間）", en: "Moment to show (JST)" },
  as_of_text: { ja: "{time} の時点で把握していた状況を表示しています。", en: "Showing what was known at {time}." },
  apply: { ja: "表示", en: "Show" },
  to_now: { ja: "現在に戻る", en: "Back to now" },
  other_language: { ja: "English", en: "日本語" },
  search: { ja: "地名・名称で絞り込み", en: "Filter by name" },
  all: { ja: "すべて", en: "All" },
  none_match: { ja: "絞り込みに合うものはありません。", en: "Nothing matches the filter." },
  never: {
    ja: "まだ情報を受信していません。「発表なし」を意味しません。",
    en: "No data has been received yet. This does not mean that all is calm.",
  },
  unheard: { ja: "情報をまだ受信していません。", en: "Nothing received yet." },
  failed: { ja: "読み込めませんでした: {reason}", en: "Could not be loaded: {reason}" },
  retry: { ja: "再試行", en: "Try again" },
  more: { ja: "さらに {count} 件", en: "{count} more" },
  since: { ja: "{time} から", en: "since {time}" },
  until: { ja: "{time} まで", en: "until {time}" },
  ago_minutes: { ja: "{count}分前", en: "{count} min ago" },
  ago_hours: { ja: "{count}時間前", en: "{count} h ago" },
  ago_days: { ja: "{count}日前", en: "{count} d ago" },
  just_now: { ja: "たった今", en: "just now" },
  ahead: { ja: "これから", en: "ahead" },
  quiet: { ja: "現在、訓練で発表中のものはありません", en: "Nothing is in force in the exercise now" },
  quiet_test: { ja: "現在、試験で発表中のものはありません", en: "Nothing is in force in the test now" },
  quiet_since: { ja: "最後の変化: {time}（{age}）", en: "Since the last change: {time} ({age})" },
  quiet_never: { ja: "訓練のデータはまだ届いていません", en: "No exercise data has come yet" },
  quiet_never_test: { ja: "試験のデータはまだ届いていません", en: "No test data has come yet" },
  quiet_play: { ja: "訓練を行うには", en: "To play an exercise" },
  quiet_back: { ja: "終わる前を見る", en: "Look back, before it ended" },
  quiet_minutes: { ja: "{count}分前", en: "{count} min before" },
  quiet_again: { ja: "もう一度行うには", en: "To play it again" },
  legend: { ja: "凡例・表示の切替", en: "Legend and layers" },
  zoom_in: { ja: "拡大すると表示されます", en: "zoom in to see them" },
  map: { ja: "地図", en: "Map" },
  list: { ja: "発表中の一覧", en: "List of what is in force" },
  map_loading: { ja: "地図を準備しています…", en: "Preparing the map…" },
  map_failed: {
    ja: "地図を表示できません（{reason}）。一覧はそのまま使えます。",
    en: "The map cannot be shown ({reason}). The list keeps working.",
  },
  no_shape: {
    ja: "{count} 件は区域の形が未登録のため地図に出ません（hinomi areas import で登録）。",
    en: "{count} have no outline yet and are not on the map (hinomi areas import).",
  },
  close: { ja: "閉じる", en: "Close" },
  record: { ja: "元の記録", en: "Record" },
  yes: { ja: "はい", en: "yes" },
  no: { ja: "いいえ", en: "no" },
  source: { ja: "出典", en: "Source" },
  updated: { ja: "更新 {time}", en: "Updated {time}" },
  skip: { ja: "一覧へ移動", en: "Skip to the list" },
  changed: { ja: "{name}: {label}", en: "{name}: {label}" },
  credit_base: {
    ja: "海岸線: Natural Earth / 都道府県界: japanmap",
    en: "Coasts: Natural Earth / prefectures: japanmap",
  },
} satisfies Record<string, Text>;

export type Word = keyof typeof WORDS;
export type Say = (word: Word, values?: Record<string, string | number>) => string;

/** Return the function that gives the page's words in a language, with {names} filled in. */
export function speaker(language: Language): Say {
  return (word, values = {}) =>
    WORDS[word][language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
