// Where to connect: what is remembered, what a link asks for, and what an address is. No VS Code API, so that it can be tested alone.

import type { ConnectParams, Status } from "./messages";

/** What a window connects to by itself when it opens; never with a key. */
export type Remembered = { name: string } | { host: string; project?: number } | { off: true };

/** What VS Code kept may be from another version, so that only what has a known form counts. */
export function readRemembered(value: unknown): Remembered | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, host, project, off } = value as Record<string, unknown>;
  if (off === true) return { off };
  if (typeof name === "string") return { name };
  if (typeof host !== "string" || originOf(host) === undefined) return undefined;
  return typeof project === "number" ? { host, project } : { host };
}

/** What is kept of a connection that works. */
export function toRemember(params: ConnectParams): Remembered | undefined {
  if ("host" in params) return params.project === undefined ? { host: params.host } : { host: params.host, project: params.project };
  return params.name === undefined ? undefined : { name: params.name };
}

/** What a key is kept under; undefined for what is no address of a backend. */
export function originOf(host: string): string | undefined {
  try {
    const url = new URL(host);
    const isAddress = (url.protocol === "https:" || url.protocol === "http:") && !url.username && !url.password;
    return isAddress ? url.origin : undefined;
  } catch {
    return undefined;
  }
}

/** The reason why a typed host cannot be one, as far as that shows without asking anybody. */
export function wrongHost(typed: string): string | undefined {
  const host = typed.trim();
  if (!host) return "An address, such as livebreak.example or http://127.0.0.1:8765.";
  if (host.includes("@")) return "An address holds no user name and no password.";
  return originOf(host.includes("://") ? host : `https://${host}`) ? undefined : "This is no address; write it as https://livebreak.example.";
}

export type Link = { kind: "hit"; hit: string; host?: string; project?: number } | { kind: "connect"; host: string; project?: number };

/** A `vscode://livebreak.livebreak/...` link: anybody may have made it, so it says what to look at and nothing else. */
export function readLink(path: string, query: string): Link | undefined {
  const asked = new URLSearchParams(query);
  const host = asked.get("host") ?? undefined;
  if (host !== undefined && wrongHost(host) !== undefined) return undefined;
  const number = asked.get("project") ?? "";
  const project = /^\d{1,9}$/.test(number) ? { project: Number(number) } : {};
  if (path === "/connect") return host === undefined ? undefined : { kind: "connect", host, ...project };
  const hit = /^\/hit\/([0-9A-Za-z-]{8,64})$/.exec(path)?.[1];
  if (hit === undefined) return undefined;
  return { kind: "hit", hit, ...(host === undefined ? {} : { host }), ...project };
}

/** The link by which a teammate opens a hit. It names the backend, so that theirs can be asked for; a key is nobody's but theirs. */
export function linkTo(scheme: string, hit: string, host: string | undefined): string {
  const where = host === undefined ? "" : `?host=${encodeURIComponent(host)}`;
  return `${scheme}://livebreak.livebreak/hit/${encodeURIComponent(hit)}${where}`;
}

/** Whether two addresses are of one backend; `other` may be as somebody types it, without a scheme. */
export function isSameHost(one: string | undefined, other: string): boolean {
  if (one === undefined) return false;
  if (other.includes("://")) return originOf(one) === originOf(other);
  const scheme = /^https?:\/\//.exec(one)?.[0] ?? "https://";
  return originOf(one) === originOf(scheme + other);
}

/** Which backend and project, the latter empty as long as it is not known; undefined where there is none. */
export function targetOf(status: Status | undefined): string | undefined {
  if (!status?.host || status.connection === "off" || status.connection === "refused") return undefined;
  return `${status.project ?? ""} at ${status.host}`;
}

/** True as long as the project is not known. */
export function isNameless(target: string): boolean {
  return target.startsWith(" at ");
}
