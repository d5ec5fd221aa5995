// The user's own live breakpoints by file: where they are, and how they move with the text. No VS Code API, so that it can be
// tested alone.

import type { BreakpointsParams, EditorBreakpoint } from "./messages";

export interface Edit {
  startLine: number;
  startCharacter: number;
  endLine: number;
  text: string;
}

export class Marks {
  private readonly files = new Map<string, EditorBreakpoint[]>();
  private lastId = 0;

  constructor(private readonly session: string) {}

  uris(): string[] {
    return [...this.files.keys()];
  }

  of(uri: string): readonly EditorBreakpoint[] {
    return this.files.get(uri) ?? [];
  }

  at(uri: string, line: number): EditorBreakpoint | undefined {
    return this.of(uri).find((mark) => mark.line === line);
  }

  /** Add a mark, or give the one that is on the line another condition. */
  set(uri: string, line: number, condition?: string): void {
    const kept = this.at(uri, line);
    const mark: EditorBreakpoint = { id: kept?.id ?? `${this.session}-${++this.lastId}`, line, enabled: true };
    if (condition) mark.condition = condition;
    this.files.set(uri, [...this.of(uri).filter((other) => other !== kept), mark]);
  }

  remove(uri: string, mark: EditorBreakpoint): void {
    // The file stays known, so that its list is stated once more: without the mark.
    this.files.set(uri, this.of(uri).filter((other) => other !== mark));
  }

  /** Follow an edit, as VS Code's own breakpoints do: a mark whose line is deleted stays where the line was. */
  edit(uri: string, edit: Edit): void {
    const marks = this.files.get(uri);
    if (!marks) return;
    const added = edit.text.split(/\r\n|\n|\r/).length - 1;
    const removed = edit.endLine - edit.startLine;
    for (const mark of marks) {
      // What is inserted before a line's first character pushes the line down.
      const isBelow = mark.line > edit.startLine || (mark.line === edit.startLine && edit.startCharacter === 0);
      if (isBelow && mark.line >= edit.endLine) mark.line += added - removed;
      else if (mark.line > edit.startLine) mark.line = edit.startLine;
    }
  }

  /** Take over the server's lines, which follow the text better than edits do (after an undo, say). */
  follow(params: BreakpointsParams): void {
    const lines = new Map(params.breakpoints.map((state) => [state.editorId, state.line]));
    for (const mark of this.files.get(params.uri) ?? []) mark.line = lines.get(mark.id) ?? mark.line;
  }
}
