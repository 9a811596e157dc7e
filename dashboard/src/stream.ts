/**
 * The change feed as Server-Sent Events, read through fetch rather than EventSource: so comments
 * (the server's heartbeat) count as signs of life, and silence can be told from calm.
 */

export interface ServerEvent {
  id: string;
  event: string;
  data: string;
}

/** Cuts a stream of text into events as the HTML standard's section 9.2 says. */
export class EventParser {
  private rest = "";
  private id = "";
  private event = "";
  private data: string[] = [];

  push(chunk: string): ServerEvent[] {
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    const found: ServerEvent[] = [];
    for (const line of lines) {
      if (line === "") this.dispatch(found);
      else this.field(line);
    }
    return found;
  }

  private dispatch(found: ServerEvent[]): void {
    if (this.data.length > 0) {
      found.push({ id: this.id, event: this.event || "message", data: this.data.join("\n") });
    }
    this.event = "";
    this.data = [];
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = value;
    else if (name === "id") this.id = value;
  }
}

export type StreamState = "connecting" | "live" | "stale" | "lost";

const SILENCE_MS = 30_000;
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Keeps one stream open until `stop()`: reconnects with growing waits, tells its state. */
export class Stream {
  private running = true;
  private attempt = 0;
  private aborter = new AbortController();
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly url: string,
    private readonly onEvent: (event: ServerEvent) => void,
    private readonly onState: (state: StreamState) => void,
  ) {
    void this.run();
    addEventListener("online", this.hurry);
  }

  stop(): void {
    this.running = false;
    removeEventListener("online", this.hurry);
    clearTimeout(this.watchdog);
    this.aborter.abort();
    this.wake?.();
  }

  private readonly hurry = (): void => this.wake?.();

  private async run(): Promise<void> {
    this.onState("connecting");
    while (this.running) {
      let silent = false;
      this.aborter = new AbortController();
      try {
        await this.read(() => {
          silent = true;
          this.aborter.abort();
        });
      } catch {
        // Why a connection ended matters less than that it did: the state says so.
      }
      clearTimeout(this.watchdog);
      if (!this.running) return;
      this.onState(silent ? "stale" : "lost");
      await this.wait(WAITS_MS[Math.min(this.attempt, WAITS_MS.length - 1)]!);
      this.attempt += 1;
    }
  }

  private async read(onSilence: () => void): Promise<void> {
    const alive = (): void => {
      clearTimeout(this.watchdog);
      this.watchdog = setTimeout(onSilence, SILENCE_MS);
    };
    alive();
    const answer = await fetch(this.url, {
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
      signal: this.aborter.signal,
    });
    if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
    this.attempt = 0;
    this.onState("live");
    const parser = new EventParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      for (const event of parser.push(value)) this.onEvent(event);
    }
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
