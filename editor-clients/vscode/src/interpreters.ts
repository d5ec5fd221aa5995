// How the server is run: what has `livebreak` itself goes first, then the one that travels in the extension, on any new enough Python.

import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { ASK_PYTHON, isNewEnough, readFacts, type PythonFacts } from "./versions";

export interface Launch {
  command: string;
  /** Before `lsp` or `dap`. */
  args: string[];
  /** Why it is this one, for the log and the tooltip. */
  source: string;
}

/** One sentence, for a person. */
export class NoServer extends Error {}

/** A Python that does not answer by then hangs; a cold start takes a tenth of it. */
const ANSWER_MS = 5_000;

/** The Python extension may have to be started first, and the server should not wait for long. */
const PYTHON_EXTENSION_MS = 3_000;

const NAMES = process.platform === "win32" ? ["python", "python3", "py"] : ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];

/** Rejects with `NoServer`. Nothing in the workspace has a say: both settings are the machine's. */
export async function findLaunch(extension: vscode.Uri): Promise<Launch> {
  const settings = vscode.workspace.getConfiguration("livebreak");
  const own = settings.get("path", "").trim();
  if (own) return { command: own, args: [], source: "the setting `livebreak.path`" };
  const interpreter = settings.get("interpreter", "").trim();
  if (interpreter) return withInterpreter(extension, interpreter);

  const chosen = await fromPythonExtension();
  const facts = chosen === undefined ? undefined : await ask(chosen);
  if (chosen !== undefined && facts?.livebreak && isNewEnough(facts))
    return { command: chosen, args: ["-I", "-m", "livebreak"], source: `the environment of ${chosen}` };
  const installed = await onPath("livebreak");
  if (installed) return { command: installed, args: [], source: "the command on your PATH" };

  if (chosen !== undefined && facts && isNewEnough(facts)) return bundled(extension, chosen);
  for (const name of NAMES) {
    const found = await onPath(name);
    const its = found === undefined ? undefined : await ask(found);
    if (found !== undefined && its && isNewEnough(its)) return bundled(extension, found);
  }
  throw new NoServer("There is no Python 3.11 or newer on this machine for LiveBreak's server. Install one, or choose where it is.");
}

async function withInterpreter(extension: vscode.Uri, interpreter: string): Promise<Launch> {
  const facts = await ask(interpreter);
  if (!facts) throw new NoServer(`\`livebreak.interpreter\` is ${interpreter}, which does not run as a Python. Choose another one.`);
  if (!isNewEnough(facts))
    throw new NoServer(`\`livebreak.interpreter\` is a Python ${facts.python.join(".")}, and LiveBreak needs 3.11 or newer. Choose another one.`);
  if (facts.livebreak) return { command: interpreter, args: ["-I", "-m", "livebreak"], source: "the setting `livebreak.interpreter`" };
  return bundled(extension, interpreter);
}

function bundled(extension: vscode.Uri, python: string): Launch {
  // `-I`: no module of the opened workspace, of PYTHONPATH or of the user's own is imported in place of ours.
  const start = vscode.Uri.joinPath(extension, "start.py").fsPath;
  return { command: python, args: ["-I", start], source: `the extension's own, on ${python}` };
}

/** What a Python says of itself; undefined for what is none. */
function ask(python: string): Promise<PythonFacts | undefined> {
  return new Promise((resolve) => {
    execFile(python, ["-I", "-c", ASK_PYTHON], { timeout: ANSWER_MS, windowsHide: true }, (error, stdout) =>
      resolve(error ? undefined : readFacts(stdout)),
    );
  });
}

/** The full path of a command; folders of PATH that depend on where one stands are left out. */
async function onPath(name: string): Promise<string | undefined> {
  const suffixes = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    for (const suffix of suffixes) {
      const file = path.join(folder, name + suffix);
      if (await access(file, constants.X_OK).then(() => true, () => false)) return file;
    }
  }
  return undefined;
}

/** As much of the Python extension's API as is used here. */
interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable?: { uri?: vscode.Uri } } | undefined>;
  };
}

/** The interpreter that the user chose for the workspace, where the Python extension is there to say. */
async function fromPythonExtension(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (!extension) return undefined;
  const asked = (async () => {
    const api = extension.isActive ? extension.exports : await extension.activate();
    const active = api.environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    return active && (await api.environments?.resolveEnvironment(active))?.executable?.uri?.fsPath;
  })().catch(() => undefined);
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PYTHON_EXTENSION_MS).unref());
  return Promise.race([asked, late]);
}
