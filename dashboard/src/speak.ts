/** A table of words spoken in a language, with what stands in {braces} filled in. */
import type { Language, Text } from "./types.ts";

export type Saying<Word extends string> = (word: Word, values?: Record<string, string | number>) => string;

/** Return the function that gives a table's words in a language. */
export function speakerOf<Word extends string>(words: Record<Word, Text>): (language: Language) => Saying<Word> {
  return (language) =>
    (word, values = {}) =>
      words[word][language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
