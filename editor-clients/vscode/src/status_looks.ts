// What the status bar says. No VS Code API, so that it can be tested alone.

import type { Status } from "./messages";
import { plain } from "./plain";

export interface StatusLooks {
  text: string;
  tooltip: string[];
  command: string;
  /** Of the two backgrounds that VS Code has for this. */
  colour?: "warning" | "error";
}

export interface Around {
  isLive: boolean;
  isTrusted: boolean;
  isRunning: boolean;
  /** The server has ended and is not started again. */
  isGone: boolean;
}

/** Characters of a project's name; a status bar is shared. */
const LONGEST_NAME = 24;

export function looksOf(status: Status | undefined, { isLive, isTrusted, isRunning, isGone }: Around): StatusLooks {
  if (!isTrusted)
    return {
      text: "$(workspace-untrusted) LiveBreak: restricted",
      tooltip: ["LiveBreak does nothing in a workspace that is not trusted: its server would read the folder's git configuration.", "Click to manage workspace trust."],
      command: "workbench.trust.manage",
    };
  if (isGone)
    return { text: "$(error) LiveBreak: no server", tooltip: ["The server has ended.", "Click to start it again."], command: "livebreak.restartServer", colour: "error" };
  if (!isRunning || !status) return { text: "$(loading~spin) LiveBreak", tooltip: ["The server is starting."], command: "livebreak.showStatus" };
  switch (status.connection) {
    case "off":
      return { text: "$(debug-disconnect) LiveBreak: not connected", tooltip: [plain(status.message), "Click to connect."], command: "livebreak.connect" };
    case "connecting":
      return { text: `$(sync~spin) LiveBreak: ${hostOf(status)}`, tooltip: [plain(status.message)], command: "livebreak.connect" };
    case "offline":
      return { text: `$(warning) LiveBreak: offline${waiting(status)}`, tooltip: [plain(status.message), ...details(status)], command: "livebreak.showStatus", colour: "warning" };
    case "refused":
      return { text: "$(error) LiveBreak: refused", tooltip: [plain(status.message), "Click to connect."], command: "livebreak.connect", colour: "error" };
    case "connected":
      return connected(status, isLive);
  }
}

function connected(status: Status, isLive: boolean): StatusLooks {
  const name = plain(status.project ?? "").slice(0, LONGEST_NAME) || hostOf(status);
  const counts = `$(circle-filled) ${status.breakpoints ?? 0} $(server-process) ${status.processes ?? 0}`;
  const production = status.isProduction ? "PRODUCTION " : "";
  const paused = status.pauses?.length ? " $(debug-pause) paused" : "";
  const looks: StatusLooks = {
    text: `${isLive ? "$(broadcast) LIVE" : "$(plug) LiveBreak:"} ${production}${name} ${counts}${paused}${waiting(status)}`,
    tooltip: [
      plain(status.message),
      isLive ? "Live mode is on: breakpoints in the gutter of Python files are armed there." : "Live mode is off: breakpoints in the gutter stay local.",
      ...(status.isProduction ? ["This is production."] : []),
      ...details(status),
      isLive ? "Click to turn live mode off." : "Click to turn live mode on.",
    ],
    command: "livebreak.toggleLive",
  };
  if (status.isProduction) looks.colour = isLive ? "error" : "warning";
  return looks;
}

function details(status: Status): string[] {
  const { breakpoints = 0, processes = 0, queued = 0 } = status;
  return [
    `${counted(breakpoints, "breakpoint")} of yours armed, ${counted(processes, "process", "processes")} there.`,
    ...(status.owner ? [`You are ${plain(status.owner)}.`] : []),
    ...(queued ? [`${counted(queued, "edit")} ${queued === 1 ? "waits" : "wait"} for the backend.`] : []),
    ...(status.mode === "poll" ? ["The backend is polled, so that changes take some seconds."] : []),
    ...(status.pauses ?? []).map(({ by, service, reason }) => plain(`${service ?? "The project"} is paused by ${by}${reason ? `: ${reason}` : ""}.`)),
  ];
}

function waiting({ queued = 0 }: Status): string {
  return queued ? ` $(cloud-upload) ${queued}` : "";
}

function hostOf({ host = "" }: Status): string {
  return plain(host.replace(/^https?:\/\//, ""));
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
