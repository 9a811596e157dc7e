/** The sound of an alert: three rising tones every few seconds, made here, no file. */

const EVERY_MS = 4_000;
const TONES_HZ = [660, 880, 1175];

export class Chime {
  private context: AudioContext | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Whether the browser waits for a click before it lets us sound. */
  muted(): boolean {
    return this.context === undefined || this.context.state === "suspended";
  }

  allow(): void {
    void this.open()?.resume();
    this.sound();
  }

  start(): void {
    if (this.timer !== undefined) return;
    document.body.dataset["chime"] = "on";
    this.sound();
    this.timer = setInterval(() => this.sound(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    delete document.body.dataset["chime"];
  }

  private open(): AudioContext | undefined {
    if (this.context === undefined && "AudioContext" in window) this.context = new AudioContext();
    return this.context;
  }

  private sound(): void {
    const context = this.open();
    if (context?.state !== "running") return;
    TONES_HZ.forEach((hertz, index) => {
      const tone = context.createOscillator();
      const gain = context.createGain();
      const start = context.currentTime + index * 0.22;
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0.0001, start);
      gain.gain.exponentialRampToValueAtTime(0.35, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.22);
    });
  }
}
