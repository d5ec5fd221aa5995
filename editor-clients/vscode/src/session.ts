// The one connection to `livebreak lsp`: what it says, as events, and what can be asked of it, as typed requests. Every feature
// goes through this; none of them sees the language client.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
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
  private readonly forgottenEmitter = new vscode.EventEmitter<void>();
  private readonly hitsEmitter = new vscode.EventEmitter<HitsParams>();
  private readonly startedEmitter = new vscode.EventEmitter<void>();
  private readonly changedEmitter = new vscode.EventEmitter<void>();
  private readonly files = new Map<string, readonly BreakpointState[]>();
  private readonly newest = new Map<string, HitsParams>();
  private readonly goneEmitter = new vscode.EventEmitter<boolean>();
  private lastStatus: Status | undefined;
  private client: LanguageClient | undefined;
  private starting: Promise<void> | undefined;
  private isGreeting = false;
  private switches = 0;
  private gone = false;
  private greet: () => Promise<void> = () => Promise.resolve();

  /** Where the server is connected to, whenever that changes. */
  readonly onStatus = this.statusEmitter.event;
  /** The states of a file, pushed or answered. Its URI is spelled as VS Code spells it. */
  readonly onBreakpoints = this.breakpointsEmitter.event;
  /** What was known of breakpoints is not true any more, and nothing else is known yet: no news of any breakpoint. */
  readonly onForgotten = this.forgottenEmitter.event;
  /** A line has new hits. */
  readonly onHits = this.hitsEmitter.event;
  /** A session has begun, with the server's start or another target: it knows nothing of us. */
  readonly onStarted = this.startedEmitter.event;
  /** The overview is another one; ask for it. */
  readonly onChanged = this.changedEmitter.event;

  /** The server has ended and will not come back by itself: true if it did run. */
  readonly onGone = this.goneEmitter.event;

  /** `createClient` makes one that is not started yet, and calls back when its server is given up. */
  constructor(private readonly createClient: (onGone: () => void) => Promise<LanguageClient>) {}

  get isRunning(): boolean {
    return this.client?.isRunning() ?? false;
  }

  /** Whether the target is being left for another: what is told of breakpoints may be of either. */
  get isSwitching(): boolean {
    return this.switches > 0;
  }

  /** True once the server has ended for good, or could not be started, until it runs again. */
  get isGone(): boolean {
    return this.gone;
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

  get serverVersion(): string | undefined {
    return this.client?.initializeResult?.serverInfo?.version;
  }

  /** What is done each time the server runs, before anybody else hears of it: to connect. */
  onGreet(greet: () => Promise<void>): void {
    this.greet = greet;
  }

  /** Rejects where the process cannot be run. */
  start(): Promise<void> {
    this.starting ??= this.run().catch((error: unknown) => {
      this.starting = undefined;
      this.client = undefined;
      this.lost(false);
      throw error;
    });
    return this.starting;
  }

  async restart(): Promise<void> {
    await this.starting?.catch(() => undefined);
    const client = this.client;
    this.starting = this.client = undefined;
    // One that hangs must not keep the next from starting.
    await client?.dispose().catch(() => undefined);
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.isRunning) await this.client?.stop();
  }

  dispose(): void {
    const told = [this.statusEmitter, this.breakpointsEmitter, this.forgottenEmitter, this.hitsEmitter];
    for (const emitter of [...told, this.startedEmitter, this.changedEmitter, this.goneEmitter]) emitter.dispose();
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

  /** This session's target from now on; what was armed elsewhere stays armed there. */
  connect(params: ConnectParams): Promise<Status> {
    return this.goTo("livebreak/connect", params);
  }

  disconnect(): Promise<Status> {
    return this.goTo("livebreak/disconnect");
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

  private async goTo(method: string, params?: object): Promise<Status> {
    const before = [...this.files.values()];
    const hits = [...this.newest.values()];
    let status: Status;
    this.switches += 1;
    try {
      status = await this.request<Status>(method, params);
      // What was pushed meanwhile is the new session's; all else was said of another one.
      this.forget(before, hits);
      this.keepStatus(status);
    } finally {
      this.switches -= 1;
    }
    if (!this.isGreeting) this.startedEmitter.fire();
    return status;
  }

  private async run(): Promise<void> {
    const client = (this.client = await this.createClient(() => this.lost(true)));
    client.onNotification("livebreak/status", (status: Status) => void this.keepStatus(status));
    client.onNotification("livebreak/breakpoints", (params: BreakpointsParams) => void this.keep(params));
    client.onNotification("livebreak/hits", (params: HitsParams) => {
      this.newest.set(params.breakpointId, params);
      this.hitsEmitter.fire(params);
    });
    client.onNotification("livebreak/changed", () => this.changedEmitter.fire());
    client.onDidChangeState(() => {
      if (client === this.client && client.isRunning()) void this.began();
    });
    await client.start();
  }

  private async began(): Promise<void> {
    this.gone = false;
    this.forget();
    this.isGreeting = true;
    try {
      await this.greet();
    } finally {
      this.isGreeting = false;
    }
    this.startedEmitter.fire();
  }

  private lost(isNews: boolean): void {
    this.gone = true;
    this.forget();
    this.lastStatus = undefined;
    this.goneEmitter.fire(isNews);
  }

  /** Everything, or what is still as it was. */
  private forget(before: readonly (readonly BreakpointState[])[] = [...this.files.values()], hits = [...this.newest.values()]): void {
    for (const said of hits) if (this.newest.get(said.breakpointId) === said) this.newest.delete(said.breakpointId);
    for (const [uri, states] of [...this.files]) {
      if (before.includes(states)) this.files.delete(uri);
    }
    this.forgottenEmitter.fire();
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
