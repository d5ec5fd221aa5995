// Where this window is connected to: chosen by the user, tested and shown before it is kept, and never by a workspace or a link alone.

import * as vscode from "vscode";
import type { KeyRing } from "./keys";
import type { LiveMode } from "./live";
import type { ConnectParams, NamedTarget, ProjectsResult, Status, TargetsResult } from "./messages";
import { inert, sentenceOf } from "./plain";
import type { LiveSession } from "./session";
import { isSameHost, originOf, readRemembered, toRemember, wrongHost, type Remembered } from "./targets";
import { tellError } from "./telling";

const REMEMBERED = "livebreak.target";

/** The command that opens the walkthrough. */
export const HOW_IT_WORKS = ["workbench.action.openWalkthrough", "livebreak.livebreak#start", false] as const;

export function registerConnect(context: vscode.ExtensionContext, session: LiveSession, live: LiveMode, keys: KeyRing): vscode.Disposable[] {
  const connecting = new Connecting(context, session, live, keys);
  session.onGreet(() => connecting.again());
  return [
    vscode.commands.registerCommand("livebreak.connect", () => connecting.choose()),
    vscode.commands.registerCommand("livebreak.disconnect", () => connecting.disconnect()),
    vscode.commands.registerCommand("livebreak.forgetKey", () => forgetKey(keys)),
    vscode.commands.registerCommand("livebreak.connectTo", (host: unknown, project: unknown) => connecting.asked(host, project)),
  ];
}

interface Choice extends vscode.QuickPickItem {
  /** What it does; undefined for "another host". */
  params?: ConnectParams;
  /** It only explains. */
  howTo?: boolean;
  host?: string;
}

class Connecting {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly session: LiveSession,
    private readonly live: LiveMode,
    private readonly keys: KeyRing,
  ) {}

  /** Where this window was connected to when it was last open, else where `livebreak` on a terminal would be. */
  async again(): Promise<void> {
    const remembered = readRemembered(this.context.workspaceState.get(REMEMBERED) ?? this.context.globalState.get(REMEMBERED));
    if (remembered && "off" in remembered) return void (await this.session.askStatus().catch(() => undefined));
    try {
      await this.session.connect(await this.withKey(remembered ?? {}));
    } catch {
      // There is nothing to go to. That is no trouble before somebody wants to: the status bar says it.
      await this.session.askStatus().catch(() => undefined);
    }
  }

  async choose(): Promise<void> {
    if (!(await isReady(this.session))) return;
    try {
      const targets = await this.session.targets();
      const choice = await vscode.window.showQuickPick(this.choices(targets), {
        title: "LiveBreak: Connect to",
        placeHolder: "The backend whose processes answer. Nothing is armed by connecting.",
        matchOnDescription: true,
        matchOnDetail: true,
      });
      if (!choice) return;
      if (choice.howTo) return void (await vscode.commands.executeCommand(...HOW_IT_WORKS));
      await (choice.params ? this.to(choice.params, choice.host) : this.another());
    } catch (error) {
      tellError(error);
    }
  }

  async disconnect(): Promise<void> {
    this.live.set(false);
    await this.context.workspaceState.update(REMEMBERED, { off: true } satisfies Remembered);
    if (this.session.isRunning) await this.session.disconnect().catch(tellError);
  }

  /** For somebody else, such as a link: the user sees the host, and says yes to it. True if this window is connected to it then. */
  async asked(host: unknown, project: unknown): Promise<boolean> {
    if (typeof host !== "string" || wrongHost(host) !== undefined || !(await isReady(this.session))) return false;
    const now = this.session.status;
    if (now?.connection === "connected" && isSameHost(now.host, host)) return true;
    // As it is gone to, not as it is written: letters of other scripts look like dots and letters of a known name.
    const { origin, host: name } = new URL(host.includes("://") ? host : `https://${host}`);
    const address = host.includes("://") ? origin : name;
    const answer = await vscode.window.showWarningMessage(
      `Connect this window to ${inert(address)}?`,
      {
        modal: true,
        detail: `A link asks for it. ${now?.host ? `You are connected to ${inert(now.host)} now.` : "You are not connected now."} Say yes only if you know this address: your breakpoints would go there.`,
      },
      "Connect",
    );
    if (!answer) return false;
    await this.another(address, typeof project === "number" ? project : undefined);
    return isSameHost(this.session.status?.host, host) && this.session.status?.connection === "connected";
  }

  private choices({ connections, local, environment }: TargetsResult): Choice[] {
    const choices: Choice[] = [];
    if (local) choices.push(item("This machine", local, { host: local.host, ...numbered(local) }, "vm", "livebreak serve"));
    for (const target of connections) choices.push(item(target.name ?? target.host, target, { name: target.name ?? "" }, "plug", target.isDefault ? "default" : ""));
    for (const host of this.keys.hosts()) {
      const isThere = choices.some((choice) => choice.params && "host" in choice.params && isSameHost(choice.params.host, host));
      if (!isThere) choices.push(item(new URL(host).host, { host }, { host }, "key", "key kept in VS Code"));
    }
    if (environment) choices.push(item("LIVEBREAK_HOST", environment, {}, "symbol-variable", "from the environment"));
    const now = this.session.status?.host;
    for (const choice of choices) if (now && choice.detail?.startsWith(`${now} `)) choice.description = `${choice.description ?? ""} connected`.trim();
    const help: Choice = { label: "$(question) How to run one...", detail: "`livebreak serve` on this machine is found by itself, with its key.", howTo: true };
    return [...choices, { label: "$(add) Another host...", detail: "Asks for its address and your API key.", alwaysShow: true }, ...(local ? [] : [help])];
  }

  private async to(params: ConnectParams, host: string | undefined): Promise<void> {
    let status: Status | undefined;
    try {
      status = await this.connect(await this.withKey(params));
    } catch (error) {
      // Most often there is no key, or one that cannot be read from here.
      const answer = await vscode.window.showErrorMessage(`LiveBreak: ${sentenceOf(error)}`, ...(host === undefined ? [] : ["Enter Key..."]));
      if (answer) await this.another(host);
      return;
    }
    if (status) await this.keep(params);
  }

  /** A host and a key from the user, tried and shown before anything is kept. */
  private async another(given?: string, project?: number): Promise<void> {
    let host = given;
    let found: Opened | undefined;
    for (let trouble: string | undefined; !found; ) {
      if (host === undefined || trouble !== undefined) host = await askHost(host, trouble);
      if (host === undefined) return;
      const answer = await this.opened(host);
      if (answer === undefined) return;
      if ("result" in answer) found = answer;
      else trouble = answer.trouble;
    }
    const chosen = await chooseProject(found.result, project);
    if (!chosen) return;
    const params = { host: found.result.host, ...chosen };
    if (found.key !== undefined) await this.keys.put(found.result.host, found.key);
    if (await this.connect({ ...params, ...(found.key === undefined ? {} : { key: found.key }) })) await this.keep(params);
  }

  /** A key that opens something there, asked for as long as it is the key that is refused; else what is wrong with the address. */
  private async opened(host: string): Promise<Opened | { trouble: string } | undefined> {
    const kept = await this.keys.get(host);
    let trouble: string | undefined;
    for (;;) {
      const typed = await vscode.window.showInputBox({
        title: `LiveBreak: Connect to ${host} (2/3)`,
        prompt: trouble ?? `Your API key (phx_)${kept === undefined ? "; empty, if \`livebreak connect\` keeps one for this host" : "; empty keeps the one that is stored"}.`,
        placeHolder: "phx_...",
        password: true,
        ignoreFocusOut: true,
        ...(trouble === undefined ? {} : { validateInput: (text: string) => (text ? undefined : { message: trouble ?? "", severity: vscode.InputBoxValidationSeverity.Error }) }),
      });
      if (typed === undefined) return undefined;
      const key = typed.trim() || kept;
      try {
        const result = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: `LiveBreak: asking ${host}` }, () =>
          this.session.projects(key === undefined ? { host } : { host, key }),
        );
        return key === undefined ? { result } : { result, key };
      } catch (error) {
        trouble = sentenceOf(error);
        // Where nothing answers another key would not help.
        if (!/\bkeys?\b/i.test(trouble)) return { trouble };
      }
    }
  }

  /** Live mode goes off before the target changes: what was armed at one place is not to be armed at the next unasked. */
  private async connect(params: ConnectParams): Promise<Status | undefined> {
    this.live.set(false);
    const status = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: "LiveBreak: connecting" }, () =>
      this.session.connect(params),
    );
    if (status.connection === "connected") {
      void offerLive(status);
      return status;
    }
    const answer = await vscode.window.showWarningMessage(`LiveBreak: ${inert(status.message)}`, "Connect to Another...", "Open Log");
    if (answer) void vscode.commands.executeCommand(answer === "Open Log" ? "livebreak.openLog" : "livebreak.connect");
    return undefined;
  }

  private async keep(params: ConnectParams): Promise<void> {
    const remembered = toRemember(params);
    await this.context.workspaceState.update(REMEMBERED, remembered);
    await this.context.globalState.update(REMEMBERED, remembered);
  }

  private async withKey(params: Exclude<Remembered, { off: true }> | ConnectParams): Promise<ConnectParams> {
    if (!("host" in params)) return params;
    const key = await this.keys.get(params.host);
    return key === undefined ? params : { ...params, key };
  }
}

/** What a key opens. */
interface Opened {
  result: ProjectsResult;
  key?: string;
}

/** The address of a backend; of one that was tried what was wrong with it. */
async function askHost(tried: string | undefined, trouble: string | undefined): Promise<string | undefined> {
  const asked = {
    title: "LiveBreak: Connect (1/3)",
    prompt: trouble ?? "The address of the backend. A key that you give goes there and nowhere else.",
    placeHolder: "https://livebreak.example",
    ignoreFocusOut: true,
    validateInput: wrongHost,
    ...(tried === undefined ? {} : { value: tried }),
  };
  return (await vscode.window.showInputBox(asked))?.trim();
}

async function offerLive(status: Status): Promise<void> {
  const there = status.processes === 1 ? "one process is there" : `${status.processes ?? 0} processes are there`;
  const where = `Connected to ${inert(status.project ?? "")} at ${inert(status.host ?? "")}${status.owner ? ` as ${inert(status.owner)}` : ""}; ${there}.`;
  const show = status.isProduction ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const answer = await show(`LiveBreak: ${where}${status.isProduction ? " This is production." : ""}`, "Go Live...");
  if (answer) void vscode.commands.executeCommand("livebreak.goLive");
}

async function chooseProject(found: ProjectsResult, wanted: number | undefined): Promise<{ project?: number } | undefined> {
  const who = [found.owner && `as ${inert(found.owner)}`, found.canWrite === false ? "may look, but set no breakpoint" : undefined].filter(Boolean).join(", ");
  const items = found.projects.map(({ id, name }) => ({
    label: `$(project) ${inert(name ?? (id ? `Project ${id}` : "The key's own project"))}`,
    description: id ? `project ${id}` : "",
    detail: [found.host, who].filter(Boolean).join(" · "),
    picked: id === wanted,
    id,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "LiveBreak: Connect (3/3)",
    placeHolder: "The key is good. Enter connects, and keeps it in VS Code's secret storage.",
    ignoreFocusOut: true,
  });
  return chosen && (chosen.id ? { project: chosen.id } : {});
}

async function forgetKey(keys: KeyRing): Promise<void> {
  const hosts = keys.hosts();
  if (!hosts.length) return void vscode.window.showInformationMessage("LiveBreak: VS Code keeps no key. Those of `livebreak connect` are forgotten by `livebreak forget`.");
  const host = await vscode.window.showQuickPick([...hosts], { title: "LiveBreak: Forget the key for" });
  if (!host) return;
  await keys.forget(host);
  void vscode.window.showInformationMessage(`LiveBreak: the key for ${host} is forgotten here; the connection that uses it goes on until you disconnect.`);
}

/** The server runs, or is started; where that cannot be, the user has been told. */
async function isReady(session: LiveSession): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    const answer = await vscode.window.showWarningMessage("LiveBreak: connecting needs a trusted workspace.", "Manage Workspace Trust");
    if (answer) void vscode.commands.executeCommand("workbench.trust.manage");
    return false;
  }
  if (!session.isRunning) await vscode.commands.executeCommand("livebreak.restartServer");
  return session.isRunning;
}

function item(name: string, target: Pick<NamedTarget, "host" | "project" | "isProduction">, params: ConnectParams, icon: string, description: string): Choice {
  const project = target.project === undefined ? "the key's own project" : `project ${target.project}`;
  return {
    label: `$(${target.isProduction ? "flame" : icon}) ${inert(name)}`,
    description: [description, target.isProduction ? "PRODUCTION" : ""].filter(Boolean).join(" · "),
    detail: `${inert(originOf(target.host) ?? target.host)} · ${project}`,
    params,
    host: target.host,
  };
}

function numbered({ project }: { project?: number }): { project?: number } {
  return project === undefined ? {} : { project };
}
