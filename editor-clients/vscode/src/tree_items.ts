// How the nodes of the LiveBreak view are drawn. Captured text is never read as Markdown.

import * as vscode from "vscode";
import {
  breakpointDescription,
  fileDescription,
  frameDescription,
  hitLabel,
  hitsCount,
  nameOf,
  settingOf,
  variableDescription,
  variableLabel,
} from "./labels";
import type { BreakpointState } from "./messages";
import type { BreakpointNode, FrameNode, HitNode, Node, VariableNode } from "./nodes";
import { plain } from "./plain";

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
/** Characters of a value in a tooltip: more than a screen of it is read in a document. */
const LONGEST_TOOLTIP = 4000;

const LOOKS: Record<string, [icon: string, color: string]> = {
  bound: ["circle-filled", "livebreak.liveForeground"],
  "rate-limited": ["circle-filled", "livebreak.liveForeground"],
  failed: ["error", "list.errorForeground"],
  expired: ["history", "disabledForeground"],
  disabled: ["circle-slash", "disabledForeground"],
  paused: ["debug-pause", "charts.orange"],
};

export function itemOf(node: Node, isMuted: (breakpointId: string) => boolean): vscode.TreeItem {
  const item = drawn(node, isMuted);
  item.id = node.id;
  return item;
}

function drawn(node: Node, isMuted: (breakpointId: string) => boolean): vscode.TreeItem {
  switch (node.kind) {
    case "file": {
      const item = new vscode.TreeItem(nameOf(node.filename), Expanded);
      item.description = fileDescription(node);
      // The theme's icon of the file, which goes by its name.
      item.resourceUri = vscode.Uri.file(node.filename);
      item.iconPath = vscode.ThemeIcon.File;
      item.tooltip = plain(node.uri ? node.filename : `${node.filename} is not in this workspace.`);
      item.contextValue = "file";
      return item;
    }
    case "breakpoint":
      return breakpointItem(node, isMuted(node.entry.breakpoint.id));
    case "hit":
      return hitItem(node);
    case "frame":
      return frameItem(node);
    case "variable":
      return variableItem(node);
    case "more": {
      const item = new vscode.TreeItem(node.label, None);
      item.iconPath = new vscode.ThemeIcon(node.direction === "newer" ? "fold-up" : "fold-down");
      item.command = { command: "livebreak.view.showMore", title: node.label, arguments: [node.parent, node.direction] };
      return item;
    }
    case "note": {
      const item = new vscode.TreeItem("", None);
      item.description = plain(node.text);
      item.tooltip = plain(node.text);
      if (node.isTrouble) item.iconPath = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
      return item;
    }
  }
}

function breakpointItem(node: BreakpointNode, isMuted: boolean): vscode.TreeItem {
  const { breakpoint: state, uri } = node.entry;
  const item = new vscode.TreeItem(`Line ${state.line + 1}`, Collapsed);
  item.description = breakpointDescription(node, isMuted);
  const [icon, color] = LOOKS[state.state] ?? ["circle-outline", "charts.yellow"];
  item.iconPath = new vscode.ThemeIcon(state.logMessage && icon === "circle-filled" ? "output" : icon, new vscode.ThemeColor(color));
  item.tooltip = breakpointTooltip(state);
  item.contextValue = flags("breakpoint", {
    mine: state.mine,
    theirs: !state.mine && state.owner !== undefined,
    followed: state.followed,
    enabled: state.enabled ?? true,
    disabled: !(state.enabled ?? true),
    here: uri !== undefined,
    muted: isMuted,
    expired: state.state === "expired",
    hits: (state.hits ?? 0) > 0,
  });
  if (uri !== undefined) item.command = { command: "livebreak.view.openLine", title: "Open the Line", arguments: [node] };
  return item;
}

function breakpointTooltip(state: BreakpointState): vscode.MarkdownString {
  const text = safeMarkdown();
  const sentences = [state.message, state.runs ? `There the line is: ${state.runs}` : "", state.mine ? "" : `It is ${state.owner ?? "somebody else"}'s.`];
  text.appendText([settingOf(state), state.hits ? hitsCount(state.hits) : "", ...sentences].filter(Boolean).map(plain).join("\n"));
  return text;
}

function hitItem(node: HitNode): vscode.TreeItem {
  const item = new vscode.TreeItem(hitLabel(node, new Date()), Collapsed);
  if (node.hit.process) item.description = plain(node.hit.process);
  item.iconPath = new vscode.ThemeIcon("debug-stackframe-dot");
  const text = safeMarkdown();
  text.appendText([new Date(node.hit.timestamp).toLocaleString(), node.hit.process ?? ""].filter(Boolean).map(plain).join("\n"));
  text.appendCodeblock(node.hit.message ?? node.hit.summary, "python");
  item.tooltip = text;
  item.contextValue = flags("hit", { here: node.parent.entry.uri !== undefined });
  return item;
}

function frameItem(node: FrameNode): vscode.TreeItem {
  const { frame, scope, index } = node;
  // Whoever unfolds a hit wants its locals; callers are a click away.
  const hasMore = scope === "watches" || index === 0 || (frame.variables?.length ?? 0) > 0;
  const state = index === 0 ? Expanded : hasMore ? Collapsed : None;
  const item = new vscode.TreeItem(plain(frame.function), state);
  item.description = frameDescription(node);
  const isOurs = frame.uri !== undefined;
  item.iconPath =
    scope === "watches"
      ? new vscode.ThemeIcon("eye")
      : isOurs
        ? new vscode.ThemeIcon("symbol-method")
        : new vscode.ThemeIcon("library", new vscode.ThemeColor("disabledForeground"));
  if (scope === "locals") {
    const text = safeMarkdown();
    text.appendText(plain(`${frame.filename}:${frame.line + 1}`));
    item.tooltip = frame.text ? text.appendCodeblock(frame.text.trim(), "python") : text;
  }
  item.contextValue = flags("frame", { here: isOurs });
  if (isOurs) item.command = { command: "livebreak.view.openLine", title: "Open the Line", arguments: [node] };
  return item;
}

function variableItem(node: VariableNode): vscode.TreeItem {
  const { variable } = node;
  const item = new vscode.TreeItem(variableLabel(node), variable.children ? Collapsed : None);
  item.description = variableDescription(node);
  const text = safeMarkdown();
  text.appendText(plain(`${variable.name}: ${variable.type}${variable.note ? `, ${variable.note}` : ""}`));
  text.appendCodeblock(variable.text.slice(0, LONGEST_TOOLTIP), "python");
  item.tooltip = text;
  item.contextValue = flags("variable", {
    equals: variable.equals !== undefined,
    expression: variable.expression !== undefined,
    mine: node.frame.parent.parent.entry.breakpoint.mine && node.frame.parent.parent.entry.uri !== undefined,
  });
  return item;
}

/** `breakpoint.mine.enabled`, for the menus' conditions. */
function flags(kind: string, set: Record<string, boolean | undefined>): string {
  return [kind, ...Object.keys(set).filter((name) => set[name])].join(".");
}

function safeMarkdown(): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = false;
  text.supportHtml = false;
  text.supportThemeIcons = false;
  return text;
}
