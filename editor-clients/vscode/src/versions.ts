// Which versions work with each other, and which Python is new enough. No VS Code API, so that it can be tested alone.

export const OLDEST_PYTHON = [3, 11] as const;

/** What a Python said of itself, see `ASK_PYTHON`. */
export interface PythonFacts {
  python: [number, number];
  /** The version of `livebreak` that it has, if any. */
  livebreak?: string;
}

/** A program that prints `PythonFacts`; it runs on old Pythons, too. */
export const ASK_PYTHON = `
import json, sys
try:
    from livebreak import __version__ as livebreak
except Exception:
    livebreak = None
print(json.dumps({"python": sys.version_info[:2], "livebreak": livebreak}))
`;

export function readFacts(output: string): PythonFacts | undefined {
  try {
    const { python, livebreak } = JSON.parse(output) as { python?: unknown; livebreak?: unknown };
    if (!Array.isArray(python) || typeof python[0] !== "number" || typeof python[1] !== "number") return undefined;
    const facts: PythonFacts = { python: [python[0], python[1]] };
    return typeof livebreak === "string" ? { ...facts, livebreak } : facts;
  } catch {
    return undefined;
  }
}

export function isNewEnough({ python: [major, minor] }: PythonFacts): boolean {
  return major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
}

/** One sentence where two parts are more than one minor version apart; undefined where they work together. */
export function mismatch(extension: string, server: string | undefined): string | undefined {
  const mine = numbers(extension);
  const its = numbers(server ?? "");
  if (!mine || !its) return undefined;
  if (mine[0] === its[0] && Math.abs(mine[1] - its[1]) <= 1) return undefined;
  const isServerOld = its[0] < mine[0] || (its[0] === mine[0] && its[1] < mine[1]);
  const advice = isServerOld ? "update `livebreak`, or clear `livebreak.path` to use the server of the extension" : "update the extension";
  return `The extension is version ${extension} and its server ${server}; ${advice}.`;
}

function numbers(version: string): [number, number] | undefined {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
