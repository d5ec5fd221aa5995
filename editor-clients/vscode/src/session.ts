// The one connection to `livebreak lsp`: what it says, as events, and what can be asked of it, as typed requests. Every feature
// goes through this; none of them sees the language client.

import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import type {
  BreakpointState,
  BreakpointsParams,
  CheckConditionResult,
  CompareHitsParams,
  CompareHitsResult,
  ConnectParams,
  HitListParams,
  HitListResult,
  HitResult,
  HitsParams,
  OverviewResult,
  ProjectsParams,
  ProjectsResult,
  SetBreakpointsParams,
  Status,
  TargetsResult,
  VariablesParams,
  VariablesResult,
} from "./messages";

export class LiveSession implements vscode.Disposable {
  private readonly statusEmitter = new vscode.EventEmitter<Status>();
  private readonly breakpointsEmitter = new vscode.EventEmitter<BreakpointsParams>();
  private readonly hitsEmitter = new vscode.EventEmitter<HitsParams>();
  private readonly startedEmitter = new vscode.EventEmitter<void>();
  private readonly changedEmitter = new vscode.EventEmitter<void>();
  private readonly files = new Map<string, readonly BreakpointState[]>();
  private readonly newest = new Map<string, HitsParams>();
  private lastStatus: Status | undefined;
  private client: LanguageClient | undefined;

  /** Where the server is connected to, whenever that changes. */
  readonly onStatus = this.statusEmitter.event;
  /** The states of a file, pushed or answered. Its URI is spelled as VS Code spells it. */
  readonly onBreakpoints = this.breakpointsEmitter.event;
  /** A line has new hits. */
  readonly onHits = this.hitsEmitter.event;
  /** The server runs, for the first time or again: it knows nothing of us. */
  readonly onStarted = this.startedEmitter.event;
  /** The overview is another one; ask for it. */
  readonly onChanged = this.changedEmitter.event;

  constructor(private readonly createClient: () => LanguageClient) {}

  get isRunning(): boolean {
    return this.client?.state === State.Running;
  }

  /** As it was last said; undefined before the first word. */
  get status(): Status | undefined {
    return this.lastStatus;
  }

  /** Everybody's breakpoints in a file, as they were last said. */
  statesOf(uri: string): readonly BreakpointState[] {
    return this.files.get(uri) ?? [];
  }

  /** What was last said about the hits of a breakpoint. */
  hitsOf(breakpointId: string): HitsParams | undefined {
    return this.newest.get(breakpointId);
  }

  /** Rejects where the process cannot be run. */
  async start(): Promise<void> {
    this.client ??= this.attach(this.createClient());
    await this.client.start();
  }

  async stop(): Promise<void> {
    if (this.isRunning) await this.client?.stop();
  }

  dispose(): void {
    const emitters = [this.statusEmitter, this.breakpointsEmitter, this.hitsEmitter, this.startedEmitter, this.changedEmitter];
    for (const emitter of emitters) emitter.dispose();
  }

  // --- requests; each rejects with one sentence for the user

  /** State the whole list of a file's marks; the answer comes as `onBreakpoints`, too. */
  async setBreakpoints(params: SetBreakpointsParams): Promise<BreakpointsParams> {
    return this.keep(await this.request<BreakpointsParams>("livebreak/setBreakpoints", params));
  }

  /** Without a place nothing is said of the names in it. */
  checkCondition(text: string, uri?: string, line?: number, kind: "condition" | "log" = "condition"): Promise<CheckConditionResult> {
    return this.request("livebreak/checkCondition", { text, kind, ...(uri === undefined ? {} : { uri }), ...(line === undefined ? {} : { line }) });
  }

  async askStatus(): Promise<Status> {
    return this.keepStatus(await this.request<Status>("livebreak/status"));
  }

  hit(id: string): Promise<HitResult> {
    return this.request("livebreak/hit", { id });
  }

  overview(): Promise<OverviewResult> {
    return this.request("livebreak/overview");
  }

  hitList(params: HitListParams): Promise<HitListResult> {
    return this.request("livebreak/hitList", params);
  }

  variables(params: VariablesParams): Promise<VariablesResult> {
    return this.request("livebreak/variables", params);
  }

  compareHits(params: CompareHitsParams): Promise<CompareHitsResult> {
    return this.request("livebreak/compareHits", params);
  }

  async connect(params: ConnectParams): Promise<Status> {
    return this.keepStatus(await this.request<Status>("livebreak/connect", params));
  }

  async disconnect(): Promise<Status> {
    return this.keepStatus(await this.request<Status>("livebreak/disconnect"));
  }

  targets(): Promise<TargetsResult> {
    return this.request("livebreak/targets");
  }

  projects(params: ProjectsParams): Promise<ProjectsResult> {
    return this.request("livebreak/projects", params);
  }

  /** Where the same session can be debugged; undefined where it cannot. */
  async debugAdapter(): Promise<string | undefined> {
    return (await this.request<{ pipe?: string }>("livebreak/debugAdapter")).pipe;
  }

  /** One of the server's own commands, such as `livebreak.remove` with `{uri, id}`. */
  execute<T = void>(command: string, ...args: object[]): Promise<T> {
    return this.request("workspace/executeCommand", { command, arguments: args });
  }

  private request<T>(method: string, params?: object): Promise<T> {
    if (!this.client || !this.isRunning) return Promise.reject(new Error("its server does not run."));
    return params === undefined ? this.client.sendRequest<T>(method) : this.client.sendRequest<T>(method, params);
  }

  private attach(client: LanguageClient): LanguageClient {
    client.onNotification("livebreak/status", (status: Status) => void this.keepStatus(status));
    client.onNotification("livebreak/breakpoints", (params: BreakpointsParams) => void this.keep(params));
    client.onNotification("livebreak/hits", (params: HitsParams) => {
      this.newest.set(params.breakpointId, params);
      this.hitsEmitter.fire(params);
    });
    client.onNotification("livebreak/changed", () => this.changedEmitter.fire());
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) this.startedEmitter.fire();
    });
    return client;
  }

  private keepStatus(status: Status): Status {
    this.lastStatus = status;
    this.statusEmitter.fire(status);
    return status;
  }

  private keep(params: BreakpointsParams): BreakpointsParams {
    const spelled = { ...params, uri: vscode.Uri.parse(params.uri).toString() };
    this.files.set(spelled.uri, spelled.breakpoints);
    this.breakpointsEmitter.fire(spelled);
    return spelled;
  }
}
