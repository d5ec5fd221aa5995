// How often a server that ended is started again by itself. No VS Code API, so that it can be tested alone.

export const MOST_RESTARTS = 4;
export const WITHIN_MS = 3 * 60 * 1000;

export class Crashes {
  private times: number[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  /** It ended. True if it should be started again: a server that ends again and again needs somebody to look at it. */
  mayRestart(): boolean {
    const now = this.now();
    this.times = [...this.times.filter((time) => now - time < WITHIN_MS), now];
    return this.times.length <= MOST_RESTARTS;
  }
}
