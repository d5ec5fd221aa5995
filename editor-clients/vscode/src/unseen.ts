// Which hits came since somebody last looked. No VS Code API, so that it can be tested alone.

import type { OverviewBreakpoint } from "./messages";

/** Hits of one breakpoint that came since the overview before. */
export interface News {
  entry: OverviewBreakpoint;
  count: number;
}

export class Unseen {
  private readonly seen = new Map<string, number>();
  private readonly known = new Map<string, number>();
  private isFirst = true;

  constructor(private readonly isMuted: (breakpointId: string) => boolean) {}

  /** Take over an overview. What was there before the first one is no news. */
  take(overview: readonly OverviewBreakpoint[]): News[] {
    const news: News[] = [];
    const there = new Set(overview.map((entry) => entry.breakpoint.id));
    for (const id of this.known.keys()) if (!there.has(id)) this.forget(id);
    for (const entry of overview) {
      const { id, hits = 0, mine, followed } = entry.breakpoint;
      const before = this.known.get(id) ?? (this.isFirst ? hits : 0);
      this.known.set(id, hits);
      // Hits that were purged are not to be made up for by new ones before these count.
      this.seen.set(id, Math.min(this.seen.get(id) ?? before, hits));
      if (hits > before && (mine || followed) && !this.isMuted(id)) news.push({ entry, count: hits - before });
      if (!(mine || followed)) this.seen.set(id, hits);
    }
    this.isFirst = false;
    return news;
  }

  /** Somebody looks at all of them. */
  look(): void {
    for (const [id, count] of this.known) this.seen.set(id, count);
  }

  /** There is another target, whose hits are none of those that were counted. */
  reset(): void {
    this.seen.clear();
    this.known.clear();
    this.isFirst = true;
  }

  get count(): number {
    let count = 0;
    for (const [id, hits] of this.known) if (!this.isMuted(id)) count += hits - (this.seen.get(id) ?? hits);
    return count;
  }

  private forget(id: string): void {
    this.known.delete(id);
    this.seen.delete(id);
  }
}

/** Lets one thing of a kind through in so many milliseconds. */
export class Every {
  private readonly last = new Map<string, number>();

  allows(key: string, now: number, milliseconds: number): boolean {
    const last = this.last.get(key);
    if (last !== undefined && now - last < milliseconds) return false;
    this.last.set(key, now);
    return true;
  }
}
