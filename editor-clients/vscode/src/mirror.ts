// What has to happen to the dots of a file so that they are what is armed: one's own breakpoints appear in the gutter wherever they
// were set, changed or removed. No VS Code API, so that it can be tested alone.

import type { LiveDot } from "./dots";
import type { BreakpointState, EditorBreakpoint } from "./messages";

export interface Mirrored {
  /** Mine, and without a dot here. */
  added: BreakpointState[];
  /** Changed elsewhere; or the server follows the text better than the dot did (after an undo, say). */
  changed: { mark: string; state: BreakpointState }[];
  /** Marks whose breakpoints were removed elsewhere. */
  removed: string[];
}

/** What a dot, its mark or its breakpoint says. */
interface Words {
  readonly line: number;
  readonly enabled?: boolean | undefined;
  readonly condition?: string | undefined;
  readonly logMessage?: string | undefined;
}

export interface Missed<Dot> {
  changed: { dot: Dot; state: BreakpointState }[];
  removed: Dot[];
}

/**
 * @param marks The file's live dots, as they were stated.
 * @param acknowledged Marks that the server has answered for: silence about one of these means that its breakpoint is gone.
 * @param taken Lines that have a dot of any kind: a line has room for one.
 * @param isLeaving Whether a breakpoint, by its id, is about to be removed.
 */
export function mirror(
  marks: readonly EditorBreakpoint[],
  acknowledged: ReadonlySet<string>,
  states: readonly BreakpointState[],
  taken: ReadonlySet<number>,
  isLeaving: (breakpoint: string) => boolean,
): Mirrored {
  const byMark = new Map(states.filter((state) => state.editorId !== undefined).map((state) => [state.editorId, state]));
  const mirrored: Mirrored = { added: [], changed: [], removed: [] };
  const lines = new Set(taken);
  for (const mark of marks) {
    const state = byMark.get(mark.id);
    if (!state && acknowledged.has(mark.id)) mirrored.removed.push(mark.id);
    // A mark that can stand for no breakpoint (its file is in no repository) is answered under its own id, and without its words.
    if (state?.mine && state.id !== mark.id && saidOf(mark) !== saidOf(state)) mirrored.changed.push({ mark: mark.id, state });
  }
  const stated = new Set(marks.map((mark) => mark.id));
  for (const state of states) {
    const hasDot = state.editorId !== undefined && stated.has(state.editorId);
    if (!state.mine || hasDot || lines.has(state.line) || isLeaving(state.id)) continue;
    mirrored.added.push(state);
    lines.add(state.line);
  }
  return mirrored;
}

/**
 * What became of dots' breakpoints while this window did not hear of them: it was closed, say. Of a breakpoint that is there still, a dot
 * that was changed meanwhile, too, is left to be stated.
 *
 * @param dots With what they say, and what was last agreed on.
 * @param states Of all breakpoints of the project, by the backend's id.
 */
export function missedBy<Dot>(
  dots: readonly { dot: Dot; says: string; known: LiveDot }[],
  states: ReadonlyMap<string, BreakpointState>,
): Missed<Dot> {
  const missed: Missed<Dot> = { changed: [], removed: [] };
  for (const { dot, says, known } of dots) {
    if (known.breakpoint === undefined || known.said === undefined) continue;
    const state = states.get(known.breakpoint);
    if (!state) missed.removed.push(dot);
    else if (state.mine && says === known.said && saidOf(state) !== known.said) missed.changed.push({ dot, state });
  }
  return missed;
}

/** True only if the backend has the breakpoint: what is on its way, queued or refused has none of these states. */
export function isStored({ state, processes }: BreakpointState): boolean {
  // Processes can only fail to bind what they were given.
  return ["stored", "pending", "bound", "rate-limited", "expired", "disabled", "paused"].includes(state) || (state === "failed" && !!processes);
}

/** Words, to be compared. */
export function saidOf({ line, enabled, condition, logMessage }: Words): string {
  return JSON.stringify([line, enabled ?? true, condition ?? "", logMessage ?? ""]);
}
