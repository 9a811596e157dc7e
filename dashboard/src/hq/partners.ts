/** 連携先の遅れ: what partner nodes have not told yet, and what they have not read here; for the operator. */
import { h } from "../dom.ts";
import { clock } from "../time.ts";
import type { Office } from "./office.ts";
import type { Say } from "./words.ts";

export interface Lag {
  name: string;
  /** `in`, `out`, `in+out`; `calls`: the partner has no address and calls itself. */
  direction: string;
  missing: number;
  sent_to: number;
  to_send: number;
  /** Seconds since 1970; 0: never. */
  heard_at: number;
  failures: number;
  error: string;
}

/** A fold that says how many lag behind, and opened which, by how much and since when. Nothing where one may not ask. */
export function drawPartners(office: Office, say: Say): HTMLElement | null {
  if (!office.me?.partners) return null;
  const summary = h("summary", {}, say("partners"));
  const list = h("ul", {});
  const fold = h("details", { class: "partners", hidden: true }, summary, list);
  const load = async (): Promise<void> => {
    const { peers } = (await office.api.get("peers")) as { peers: Lag[] };
    const now = new Date();
    const behind = peers.filter(lags).length;
    fold.hidden = peers.length === 0;
    summary.textContent = `${say("partners")}: ${behind > 0 ? say("partners_behind", { count: behind }) : say("partners_level", { count: peers.length })}`;
    fold.classList.toggle("behind", behind > 0);
    list.replaceChildren(...peers.map((lag) => h("li", { class: lags(lag) ? "behind" : "" }, h("strong", {}, lag.name), " ", lagOf(lag, say, now))));
  };
  const failed = (error: unknown): void => {
    fold.hidden = false;
    list.replaceChildren(h("li", { class: "failed", role: "alert" }, say("failed", { reason: (error as Error).message })));
  };
  void load().catch(failed);
  // Whoever looks sees how it is now, and every few seconds again.
  let again: ReturnType<typeof setInterval> | undefined;
  fold.addEventListener("toggle", () => {
    clearInterval(again);
    if (!fold.open) return;
    void load().catch(failed);
    again = setInterval(() => (fold.isConnected ? void load().catch(failed) : clearInterval(again)), 5_000);
  });
  return fold;
}

/** What is still to be sent; nothing to a partner that is only read. */
function toSend(lag: Lag): number {
  return lag.direction === "in" && lag.sent_to === 0 ? 0 : lag.to_send;
}

function lags(lag: Lag): boolean {
  return lag.failures > 0 || lag.heard_at === 0 || lag.missing > 0 || toSend(lag) > 0;
}

/** How a partner is doing, in words. */
export function lagOf(lag: Lag, say: Say, now: Date): string {
  const heard = lag.heard_at === 0 ? say("partner_never") : say("partner_heard", { time: clock(new Date(lag.heard_at * 1000), now) });
  const left = toSend(lag);
  const parts = [
    ...(lag.missing > 0 ? [say("partner_missing", { count: lag.missing })] : []),
    ...(left > 0 ? [say("partner_to_send", { count: left })] : []),
  ];
  if (!lags(lag)) parts.push(say("partner_level"));
  parts.push(heard);
  if (lag.failures > 0 && lag.error) parts.push(lag.error);
  return parts.join("・");
}
