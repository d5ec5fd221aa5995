// What is said behind a line, and how it looks. No VS Code API, so that it can be tested alone.

import type { BreakpointState } from "./messages";
import { plain } from "./plain";

export type Look = "waiting" | "bound" | "failed" | "off";

const LOOK_OF: Record<string, Look> = {
  bound: "bound",
  "rate-limited": "bound",
  failed: "failed",
  expired: "off",
  disabled: "off",
  paused: "off",
};

/** Characters of a text that are left behind a line that is long itself: the state and the count fit. */
const SHORTEST = 40;
/** Columns between the code and the text. */
const GAP = 4;
/** Characters of a last part that stays where what is before it is cut: the time of a hit. */
const LONGEST_END = 16;

export function lookOf(state: BreakpointState, hitCount?: string): Look {
  return state.trouble || hitCount !== undefined ? "failed" : (LOOK_OF[state.state] ?? "waiting");
}

/**
 * What a line says of its breakpoint, the state first.
 *
 * @param hitCount VS Code's hit count of the dot, where a live breakpoint has no use for it.
 */
export function wordsOf(state: BreakpointState, hits: string | undefined, hitCount?: string): string {
  const count = hitCount === undefined ? undefined : `hit count ${hitCount} has no effect here`;
  return plain([count, ...(state.mine || state.followed ? ownWords(state, hits) : theirWords(state))].filter(Boolean).join(" · "));
}

/**
 * A text as it fits behind a line, as far as one can know: VS Code does not say how wide an editor is.
 *
 * @param columns How many the code of the line takes.
 * @param most At which column the text is to end.
 */
export function fitting(text: string, columns: number, most: number): string {
  const room = Math.max(SHORTEST, most - columns - GAP);
  if (text.length <= room) return text;
  const last = text.lastIndexOf(" · ");
  const kept = last >= 0 && text.length - last <= LONGEST_END ? text.slice(last) : "";
  return `${text.slice(0, room - 1 - kept.length)}…${kept}`;
}

/** How many columns a line of code takes. */
export function columnsOf(code: string, tabSize: number): number {
  let columns = 0;
  for (const character of code) columns += character === "\t" ? tabSize - (columns % tabSize) : 1;
  return columns;
}

function ownWords(state: BreakpointState, hits: string | undefined): (string | undefined)[] {
  return [state.mine ? undefined : ownerOf(state), stateWords(state, hits !== undefined), hits];
}

/** A teammate's that is not followed is only counted. */
function theirWords(state: BreakpointState): (string | undefined)[] {
  const count = state.hits ?? 0;
  return [ownerOf(state), state.state === "bound" ? undefined : state.state, count ? `${count} hit${count === 1 ? "" : "s"}` : undefined];
}

function ownerOf(state: BreakpointState): string {
  return state.owner ?? "somebody else";
}

/** What is wrong now comes before what was seen earlier; where all is well, the hits speak for themselves. */
function stateWords(state: BreakpointState, hasHits: boolean): string | undefined {
  const bound = `${state.bound ?? 0}/${state.processes ?? 0}`;
  switch (state.state) {
    case "sending":
      return "sending…";
    case "bound":
    case "rate-limited": {
      if (state.trouble) return state.trouble;
      const isWhole = state.bound === state.processes;
      const words = [!hasHits || !isWhole ? `bound ${bound}` : undefined, state.state === "bound" ? undefined : "rate-limited"];
      return words.filter(Boolean).join(" · ") || undefined;
    }
    case "stored":
    case "pending":
      return hasHits ? undefined : `pending: ${state.message}`;
    case "failed":
      return `failed: ${state.message}`;
    case "offline":
      return `offline: ${state.message}`;
    default:
      return state.brief ?? state.state;
  }
}
