/** 現地の写真: the page that they are sent from, and how many wait for the headquarters to confirm. */
import { h } from "../dom.ts";
import { calmly } from "./tab.ts";
import type { Office } from "./office.ts";
import type { Say } from "./words.ts";

export const INTAKE = "response.photo_intake";
const WAITING = "state IN ('received', 'waiting', 'redrawing')";

export class PhotoLine {
  readonly root = h("p", { class: "photo-line" });
  readonly soon = calmly(() => void this.load());

  constructor(
    private readonly office: Office,
    private readonly say: () => Say,
  ) {}

  async load(): Promise<void> {
    const { office } = this;
    // Whoever may not see what came in is told of none: they only send.
    const query = { filter: WAITING, "skip-geometry": "true" };
    const waiting = office.writes ? await office.api.items(INTAKE, query).then((found) => found.length, () => 0) : 0;
    const say = this.say();
    const address = (page: string): string => {
      const { status, language } = office.view;
      return `${page}?${new URLSearchParams({ ...(status === "actual" ? {} : { status }), lang: language })}`;
    };
    const link = (page: string, words: string): HTMLElement => h("a", { href: address(page), target: "_blank", rel: "noopener" }, words);
    this.root.replaceChildren(
      h("span", {}, say("photos")),
      link("photo", say("photo_send")),
      ...(office.writes ? [link("photos", say("photo_confirm"))] : []),
      ...(waiting > 0 ? [h("strong", { class: "photo-waiting" }, say("photo_waiting", { count: waiting }))] : []),
    );
  }
}
