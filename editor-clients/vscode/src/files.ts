// The overview as a tree of files, which keeps its nodes from one overview to the next: what is unfolded stays unfolded.

import type { OverviewBreakpoint } from "./messages";
import type { BreakpointNode, FileNode } from "./nodes";

export interface Growth {
  files: FileNode[];
  /** True if files or breakpoints came, went, or changed places. */
  isOther: boolean;
  /** Those that were there and now say something else. */
  changed: BreakpointNode[];
}

/** Files of the workspace first, each group by name; the breakpoints of a file by line. */
export function grow(before: readonly FileNode[], overview: readonly OverviewBreakpoint[]): Growth {
  const orderBefore = orderOf(before);
  const oldFiles = new Map(before.map((file) => [file.id, file]));
  const known = new Map(before.flatMap((file) => file.breakpoints).map((node) => [node.id, node]));
  const files = new Map<string, FileNode>();
  const changed: BreakpointNode[] = [];
  for (const entry of overview) {
    const id = `file ${entry.repository ?? ""} ${entry.filename}`;
    const file = files.get(id) ?? emptied(oldFiles.get(id) ?? { kind: "file", id, filename: entry.filename, breakpoints: [] });
    files.set(id, file);
    if (entry.repository !== undefined) file.repository = entry.repository;
    if (entry.uri !== undefined) file.uri = entry.uri;
    const nodeId = `breakpoint ${entry.breakpoint.id}`;
    const node = known.get(nodeId);
    if (node) {
      if (JSON.stringify(node.entry) !== JSON.stringify(entry)) changed.push(node);
      node.isStale ||= hasOtherHits(node.entry, entry);
      Object.assign(node, { parent: file, entry });
    }
    file.breakpoints.push(node ?? { kind: "breakpoint", id: nodeId, parent: file, entry, isStale: true, hasOlder: false, isComplete: true });
  }
  const sorted = [...files.values()].sort(
    (one, other) => Number(!one.uri) - Number(!other.uri) || one.filename.localeCompare(other.filename) || one.id.localeCompare(other.id),
  );
  for (const file of sorted) file.breakpoints.sort((one, other) => one.entry.breakpoint.line - other.entry.breakpoint.line);
  return { files: sorted, isOther: orderOf(sorted) !== orderBefore, changed };
}

function emptied(file: FileNode): FileNode {
  file.breakpoints = [];
  delete file.uri;
  return file;
}

function orderOf(files: readonly FileNode[]): string {
  return files.map((file) => `${file.id}: ${file.breakpoints.map((node) => node.id).join()}`).join("; ");
}

function hasOtherHits(before: OverviewBreakpoint, now: OverviewBreakpoint): boolean {
  return before.newest?.id !== now.newest?.id || before.breakpoint.hits !== now.breakpoint.hits;
}
