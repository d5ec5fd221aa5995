// The language server: how it is started, and the messages of ours that it takes and sends.

import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";
import type { BreakpointsParams, CheckConditionResult, HitsParams, SetBreakpointsParams, Status } from "./messages";

export interface Listener {
  breakpoints(params: BreakpointsParams): void;
  hits(params: HitsParams): void;
  status(status: Status): void;
  /** It runs, for the first time or again: it knows nothing of us. */
  started(): void;
}

export class Server {
  private readonly client: LanguageClient;

  constructor(listener: Listener) {
    const command = vscode.workspace.getConfiguration("livebreak").get("path", "livebreak");
    this.client = new LanguageClient(
      "livebreak",
      "LiveBreak",
      { command, args: ["lsp"] },
      {
        documentSelector: [{ scheme: "file", language: "python" }],
        // The gutter and the text behind a line are ours, so that nothing is shown twice.
        initializationOptions: { surfaces: ["diagnostics", "hover", "codeActions", "completion"] },
      },
    );
    this.client.onNotification("livebreak/breakpoints", (params: BreakpointsParams) => listener.breakpoints(params));
    this.client.onNotification("livebreak/hits", (params: HitsParams) => listener.hits(params));
    this.client.onNotification("livebreak/status", (status: Status) => listener.status(status));
    this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) listener.started();
    });
  }

  get isRunning(): boolean {
    return this.client.state === State.Running;
  }

  async start(): Promise<void> {
    await this.client.start();
  }

  async stop(): Promise<void> {
    if (this.isRunning) await this.client.stop();
  }

  setBreakpoints(params: SetBreakpointsParams): Promise<BreakpointsParams> {
    return this.client.sendRequest("livebreak/setBreakpoints", params);
  }

  checkCondition(text: string, uri: string, line: number): Promise<CheckConditionResult> {
    return this.client.sendRequest("livebreak/checkCondition", { text, uri, line });
  }

  status(): Promise<Status> {
    return this.client.sendRequest("livebreak/status");
  }

  /** Where the same session can be debugged; undefined where it cannot. */
  async debugAdapter(): Promise<string | undefined> {
    return (await this.client.sendRequest<{ pipe?: string }>("livebreak/debugAdapter")).pipe;
  }

  /** Remove a breakpoint that is no mark of this session. */
  remove(uri: string, id: string): Promise<void> {
    return this.client.sendRequest("workspace/executeCommand", { command: "livebreak.remove", arguments: [{ uri, id }] });
  }
}
