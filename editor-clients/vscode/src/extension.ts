// LiveBreak in VS Code: what is started and what is wired to what. What a breakpoint means is `livebreak lsp`'s business.

import * as vscode from "vscode";
import { registerConnect } from "./connect";
import { registerDebugger } from "./debugger";
import { registerGutter } from "./gutter";
import { registerHitsView } from "./hits_view";
import { KeyRing } from "./keys";
import { registerLinks } from "./links";
import { LiveMode, registerLive } from "./live";
import { registerServer, start } from "./server";
import { LiveSession } from "./session";
import { registerStatus } from "./status";

let session: LiveSession | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("LiveBreak", { log: true });
  // The language client's library is most of what there is to load, and the window's start does not wait for it.
  const opened = (session = new LiveSession(async (onGone) => (await import("./client.js")).createClient(context, log, onGone)));
  const live = new LiveMode();
  context.subscriptions.push(
    log,
    opened,
    live,
    ...registerStatus(opened, live),
    ...registerConnect(context, opened, live, new KeyRing(context)),
    ...registerLinks(opened),
    ...registerServer(context, opened, log),
    ...registerLive(opened, live),
    ...registerGutter(context, opened, live),
    ...registerDebugger(context, opened),
    ...registerHitsView(context, opened),
  );
  void start(context, opened, log);
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}
