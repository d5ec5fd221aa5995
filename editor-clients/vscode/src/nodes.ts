// What the LiveBreak view is made of: file, breakpoint, hits, frames, variables. No VS Code API, so that it can be tested alone.

import type { HitResult, ListedHit, OverviewBreakpoint, ShownFrame, Variable } from "./messages";

export type Node = FileNode | BreakpointNode | HitNode | FrameNode | VariableNode | MoreNode | NoteNode;

export interface FileNode {
  kind: "file";
  id: string;
  filename: string;
  repository?: string;
  /** Only where the file is in the workspace. */
  uri?: string;
  breakpoints: BreakpointNode[];
}

export interface BreakpointNode {
  kind: "breakpoint";
  id: string;
  parent: FileNode;
  entry: OverviewBreakpoint;
  /** Newest first; undefined until somebody looks, and when newer ones came since. */
  hits?: HitNode[];
  isStale: boolean;
  /** Of how many hits the newest were fetched. */
  fetchedOf?: number;
  hasOlder: boolean;
  /** False where a filter was applied to a part of the hits only. */
  isComplete: boolean;
  /** Where the search for older hits goes on, if it stopped at a bound. */
  cursor?: string;
}

export interface HitNode {
  kind: "hit";
  id: string;
  parent: BreakpointNode;
  hit: ListedHit;
  /** Undefined until somebody looks. */
  frames?: FrameNode[];
  whole?: HitResult;
}

/** A frame with its locals, or in front of them the expressions that the breakpoint watches. */
export interface FrameNode {
  kind: "frame";
  id: string;
  parent: HitNode;
  scope: "locals" | "watches";
  /** 0 is the innermost. */
  index: number;
  frame: ShownFrame;
  page?: Page;
}

export interface VariableNode {
  kind: "variable";
  id: string;
  parent: FrameNode | VariableNode;
  frame: FrameNode;
  variable: Variable;
  page?: Page;
}

export type Direction = "newer" | "on";

/** "Show older hits", "Show more variables". */
export interface MoreNode {
  kind: "more";
  direction: Direction;
  id: string;
  parent: BreakpointNode | FrameNode | VariableNode;
  label: string;
}

/** A sentence where there is nothing else to show. */
export interface NoteNode {
  kind: "note";
  id: string;
  parent: Node | undefined;
  text: string;
  isTrouble: boolean;
}

/** The variables that are shown of all those that there are. */
export interface Page {
  variables: VariableNode[];
  total: number;
  /** Why there is nothing, or not everything. */
  note?: string;
}

export function parentOf(node: Node): Node | undefined {
  return node.kind === "file" ? undefined : node.parent;
}

/** The breakpoint that a node is of. */
export function breakpointOf(node: Node): BreakpointNode | undefined {
  for (let at: Node | undefined = node; at; at = parentOf(at)) if (at.kind === "breakpoint") return at;
  return undefined;
}

/** The hit that a node is of. */
export function hitOf(node: Node): HitNode | undefined {
  for (let at: Node | undefined = node; at; at = parentOf(at)) if (at.kind === "hit") return at;
  return undefined;
}

export function note(parent: Node | undefined, text: string, isTrouble = false): NoteNode {
  return { kind: "note", id: `note ${parent?.id ?? ""}`, parent, text, isTrouble };
}

export function more(parent: MoreNode["parent"], label: string, direction: Direction = "on"): MoreNode {
  return { kind: "more", id: `more ${direction} ${parent.id}`, direction, parent, label };
}
