// The LiveBreak view in the activity bar: everybody's breakpoints with their hits, as they come.

import * as vscode from "vscode";
import { HitTree } from "./hit_tree";
import type { Mutes } from "./mutes";
import { type BreakpointNode, type Direction, type MoreNode, type Node, hitOf, parentOf } from "./nodes";
import { plain } from "./plain";
import type { LiveSession } from "./session";
import { itemOf } from "./tree_items";

export const VIEW = "livebreak.hits";
/** Between two overviews while nobody looks: for the badge alone. */
const HIDDEN_PAUSE = 2000;

export class HitView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<Node[] | undefined>();
  private readonly visibleEmitter = new vscode.EventEmitter<void>();
  private readonly refreshedEmitter = new vscode.EventEmitter<void>();
  private readonly view: vscode.TreeView<Node>;
  private waiting: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isWanted = false;
  /** Rows that are unfolded. */
  private readonly open = new Set<string>();

  readonly onDidChangeTreeData = this.emitter.event;
  /** Somebody looks, who did not before. */
  readonly onShown = this.visibleEmitter.event;
  /** There was a new overview. */
  readonly onRefreshed = this.refreshedEmitter.event;
  readonly tree: HitTree;

  constructor(
    private readonly session: LiveSession,
    private readonly mutes: Mutes,
  ) {
    this.tree = new HitTree(session, (nodes) => this.redraw(nodes));
    this.view = vscode.window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true, canSelectMany: true });
    this.view.onDidChangeVisibility(({ visible }) => {
      if (visible) {
        this.visibleEmitter.fire();
        this.refreshSoon();
      }
    });
    this.view.onDidExpandElement(({ element }) => this.open.add(element.id));
    this.view.onDidCollapseElement(({ element }) => {
      this.open.delete(element.id);
      this.letGo();
    });
    this.view.onDidChangeSelection(() => this.letGo());
    this.tree.isHeld = (node) => this.isLookedAt(node);
    this.tree.isUnfolded = (node) => this.open.has(node.id);
    mutes.onChange(() => this.emitter.fire(undefined));
  }

  get isVisible(): boolean {
    return this.view.visible;
  }

  setBadge(count: number): void {
    this.view.badge = count ? { value: count, tooltip: count === 1 ? "1 new hit" : `${count} new hits` } : undefined;
  }

  /** Ask for the overview, together with those who ask at the same moment. */
  refreshSoon(): void {
    this.isWanted = true;
    if (this.running || this.waiting) return;
    this.waiting = setTimeout(() => void this.refresh(), this.isVisible ? 0 : HIDDEN_PAUSE);
  }

  async refresh(): Promise<void> {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.isWanted = false;
    if (!this.isUsable()) return;
    this.running ??= this.tree.refresh().finally(() => (this.running = undefined));
    await this.running;
    this.refreshedEmitter.fire();
    this.describe();
    if (this.isWanted) this.refreshSoon();
  }

  /** The connection is another one, or it is over. */
  followStatus(): void {
    if (this.isUsable()) this.refreshSoon();
    else this.tree.clear();
    this.describe();
  }

  async filter(where: string | undefined): Promise<void> {
    await vscode.window.withProgress({ location: { viewId: VIEW } }, () => this.tree.filter(where));
    this.describe();
  }

  async showMore(node: MoreNode["parent"], direction: Direction): Promise<void> {
    await vscode.window.withProgress({ location: { viewId: VIEW } }, () => this.tree.showMore(node, direction));
    this.describe();
  }

  async reveal(node: Node): Promise<void> {
    await this.view.reveal(node, { select: true, focus: true, expand: true });
  }

  get selection(): readonly Node[] {
    return this.view.selection;
  }

  /**
   * The row that a command is meant for: the one that it was called on; called on none, as by the palette, the selected one. Of a row
   * that is being drawn anew VS Code gives no node, and another one must not stand in for it.
   */
  meant(given: readonly unknown[], what: string): Node | undefined {
    const node = given.length ? (given[0] as Node | undefined) : this.view.selection[0];
    const advice = given.length ? "that row was just drawn anew; click it once more." : `select ${what} in the LiveBreak view first.`;
    if (!node) void vscode.window.showInformationMessage(`LiveBreak: ${advice}`);
    return node ?? undefined;
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.view.dispose();
    for (const emitter of [this.emitter, this.visibleEmitter, this.refreshedEmitter]) emitter.dispose();
  }

  // --- what VS Code asks

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node, (id) => this.mutes.has(id));
  }

  getChildren(node?: Node): Promise<Node[]> {
    // Of a row that is unfolded while it is being drawn anew there is no event; but what is below it is asked for.
    if (node) this.open.add(node.id);
    return this.tree.children(node);
  }

  getParent(node: Node): Node | undefined {
    return parentOf(node);
  }

  // --- what somebody looks at

  private isLookedAt(node: BreakpointNode): boolean {
    return (node.hits ?? []).some((hit) => this.open.has(hit.id)) || this.view.selection.some((selected) => hitOf(selected)?.parent === node);
  }

  /** Show the newer hits of those breakpoints that nobody looks at any more. */
  private letGo(): void {
    const stale = this.tree.breakpoints.filter((node) => node.isStale && node.hits && !this.isLookedAt(node));
    if (stale.length) this.emitter.fire(stale);
  }

  // --- what is said around the tree

  private isUsable(): boolean {
    const connection = this.session.status?.connection;
    return this.session.isRunning && (connection === "connected" || (connection === "offline" && this.tree.isKnown));
  }

  private redraw(nodes: Node[] | undefined): void {
    this.emitter.fire(nodes);
    this.describe();
  }

  private describe(): void {
    const { where, isComplete, hasMatches } = this.tree;
    this.view.description = where === undefined ? "" : plain(where);
    // Where there is no match, the welcome says so and has the buttons.
    const said = [`Only hits where ${plain(where ?? "")}`, ...(isComplete ? [] : ["(only the newer ones were searched)"])];
    this.view.message = where !== undefined && hasMatches ? said.join(" ") : "";
    void vscode.commands.executeCommand("setContext", "livebreak.isFiltered", where !== undefined);
    void vscode.commands.executeCommand("setContext", "livebreak.viewState", this.state());
  }

  /** Which welcome is shown where the tree is empty. */
  private state(): string {
    if (!vscode.workspace.isTrusted) return "restricted";
    if (!this.session.isRunning) return "noServer";
    const connection = this.session.status?.connection ?? "connecting";
    if (connection !== "connected") return connection;
    if (!this.tree.isKnown) return "connecting";
    if (this.tree.files.length === 0) return "noBreakpoints";
    return this.tree.where === undefined ? "some" : "filtered";
  }
}
