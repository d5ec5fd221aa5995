// What the LiveBreak view and its messages say, in words. No VS Code API, so that it can be tested alone.

import type { BreakpointState } from "./messages";
import type { BreakpointNode, FileNode, FrameNode, HitNode, VariableNode } from "./nodes";
import { plain } from "./plain";

const LONGEST_CONDITION = 60;
/** A tree's row is cut at the view's edge, and a long one is slow to lay out. */
const LONGEST_VALUE = 200;

/** The last part of a path. */
export function nameOf(filename: string): string {
  return plain(filename.slice(filename.lastIndexOf("/") + 1));
}

/** `12:03:04`; of another day, `11-22 12:03:04`. */
export function timeOf(timestamp: string, now: Date): string {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return plain(timestamp);
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return time.toDateString() === now.toDateString() ? clock : `${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

export function hitsCount(count: number): string {
  return count === 1 ? "1 hit" : `${count.toLocaleString("en")} hits`;
}

export function fileDescription(file: FileNode): string {
  const folder = file.filename.includes("/") ? file.filename.slice(0, file.filename.lastIndexOf("/")) : "";
  return plain([folder, ...(file.uri === undefined && file.repository ? [file.repository] : [])].filter(Boolean).join(" · "));
}

/** `if total < 0`, `log {total}`, or nothing. */
export function settingOf(state: BreakpointState): string {
  const text = state.condition ? `if ${state.condition}` : state.logMessage ? `log ${state.logMessage}` : "";
  return short(plain(text), LONGEST_CONDITION);
}

/** The state in a few words. */
export function stateOf(state: BreakpointState): string {
  if (state.state === "bound" || state.state === "rate-limited") return `${state.state} ${state.bound ?? 0}/${state.processes ?? 0}`;
  return plain(state.brief ?? state.state);
}

export function breakpointDescription(node: BreakpointNode, isMuted: boolean): string {
  const state = node.entry.breakpoint;
  const hits = state.hits ?? 0;
  const owner = state.mine ? "" : `${plain(state.owner ?? "somebody else")}'s${state.followed ? ", followed" : ""}`;
  const parts = [hits ? hitsCount(hits) : "", settingOf(state), plain(state.trouble ?? "") || stateOf(state), owner, isMuted ? "muted" : ""];
  return parts.filter(Boolean).join(" · ");
}

/** The time, then what differs from hit to hit. */
export function hitLabel(node: HitNode, now: Date): string {
  return `${timeOf(node.hit.timestamp, now)}  ${short(plain(node.hit.message ?? node.hit.summary), LONGEST_VALUE)}`;
}

export function frameDescription(node: FrameNode): string {
  const { filename, line, uri } = node.frame;
  // Where a library lies is long, and seldom asked for.
  return node.scope === "locals" ? `${uri === undefined ? nameOf(filename) : plain(filename)}:${line + 1}` : "";
}

export function variableLabel(node: VariableNode): string {
  return `${plain(node.variable.name)} = ${short(plain(node.variable.text), LONGEST_VALUE)}`;
}

/** The type, and why the value is cut. */
export function variableDescription(node: VariableNode): string {
  const { type, note } = node.variable;
  return plain([type, note].filter(Boolean).join(" · "));
}

/** At most so many characters, and no half of one. */
function short(text: string, most: number): string {
  const characters = [...text.slice(0, 2 * most + 2)];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
