// The language client: what the server is told of us, and what its library does in our stead.

import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, MessageType } from "vscode-languageclient/node";
import { runServerCommand, withOurCommand } from "./command_results";
import { Crashes } from "./crashes";
import { inert, withoutKeys } from "./plain";
import { launchOf } from "./server";
import { calmed, surfaces } from "./surfaces";

/** One that is not started. `onGone` is called when its server is given up. */
export async function createClient(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, onGone: () => void): Promise<LanguageClient> {
  const launch = await launchOf(context.extensionUri);
  log.info(`The server is ${launch.source}: ${[launch.command, ...launch.args, "lsp"].join(" ")}`);
  const crashes = new Crashes();
  const client: LanguageClient = new QuietClient(
    "livebreak",
    "LiveBreak",
    { command: launch.command, args: [...launch.args, "lsp"] },
    {
      documentSelector: [{ scheme: "file", language: "python" }],
      // Connecting is the user's; see `connect.ts`.
      initializationOptions: () => ({ surfaces: surfaces(), connect: false }),
      middleware: {
        executeCommand: (command, args) => runServerCommand((method, params) => client.sendRequest(method, params), command, args),
        provideCodeLenses: async (document, token, next) => (await next(document, token))?.map(withOurCommand),
        handleDiagnostics: (uri, diagnostics, next) => next(uri, calmed(diagnostics)),
      },
      outputChannel: log,
      traceOutputChannel: keyless(log),
      // Whoever starts it says what went wrong, once.
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          if (crashes.mayRestart()) return { action: CloseAction.Restart, handled: true, message: "The server ended, and is started again." };
          onGone();
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    },
  );
  client.onRequest("window/showMessageRequest", ask);
  // Its library would have VS Code make links of what others chose the words of, and a link may run a command.
  client.onNotification("window/showMessage", tell);
  return client;
}

/** Its library would tell the user of each failed attempt to restart, in its own words; the log has those. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

function tell({ type, message }: { type: MessageType; message: string }): void {
  const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;
  const show = { [MessageType.Error]: showErrorMessage, [MessageType.Warning]: showWarningMessage }[type as number] ?? showInformationMessage;
  void show(inert(message));
}

interface Question {
  message: string;
  actions?: { title: string }[];
}

/** What the server asks is whether production is armed: nobody is to answer that without having read it. */
async function ask({ message, actions = [] }: Question): Promise<{ title: string } | null> {
  const [yes] = actions;
  if (!yes) return null;
  const answer = await vscode.window.showWarningMessage(
    inert(message),
    { modal: true, detail: "Processes there do not stop; what their lines hold comes back into this editor. You are asked once a session." },
    yes.title,
  );
  return actions.find((action) => action.title === answer) ?? actions[1] ?? null;
}

/** The same channel for whole messages, one of which has a key in it. */
function keyless(log: vscode.LogOutputChannel): vscode.LogOutputChannel {
  const writers = new Set<string | symbol>(["trace", "debug", "info", "warn", "error", "append", "appendLine"]);
  return new Proxy(log, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (!writers.has(name)) return member.bind(target) as unknown;
      return (...parts: unknown[]) =>
        (member as (...parts: unknown[]) => unknown).apply(
          target,
          parts.map((part) => (typeof part === "string" ? withoutKeys(part) : part)),
        );
    },
  });
}
