// What has to happen to the dots of a file so that they are what is armed: one's own breakpoints appear in the gutter wherever they
// were set, changed or removed. No VS Code API, so that it can be tested alone.

import type { BreakpointState, EditorBreakpoint } from "./messages";

export interface Mirrored {
  /** Mine, and without a dot here. */
  added: BreakpointState[];
  /** Changed elsewhere; or the server follows the text better than the dot did (after an undo, say). */
  changed: { mark: string; state: BreakpointState }[];
  /** Marks whose breakpoints were removed elsewhere. */
  removed: string[];
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
    if (state?.mine && state.id !== mark.id && !isSame(mark, state)) mirrored.changed.push({ mark: mark.id, state });
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

function isSame(mark: EditorBreakpoint, state: BreakpointState): boolean {
  return (
    mark.line === state.line &&
    mark.enabled === (state.enabled ?? true) &&
    (mark.condition ?? "") === (state.condition ?? "") &&
    (mark.logMessage ?? "") === (state.logMessage ?? "")
  );
}
