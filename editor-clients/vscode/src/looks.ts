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

/** Characters behind a line: more is in the hover. */
const LONGEST = 110;

export function lookOf(state: BreakpointState): Look {
  return state.trouble ? "failed" : (LOOK_OF[state.state] ?? "waiting");
}

/** What a line says of its breakpoint, in full and as it is shown. */
export function wordsOf(state: BreakpointState, hits: string | undefined): { text: string; full: string } {
  const full = plain((state.mine || state.followed ? ownWords(state, hits) : theirWords(state)).filter(Boolean).join(" · "));
  return { text: full.length > LONGEST ? `${full.slice(0, LONGEST - 1)}…` : full, full };
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
