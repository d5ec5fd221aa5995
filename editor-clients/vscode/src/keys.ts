// API keys in VS Code's secret storage, each under the origin that it may be sent to. Their hosts are listed beside, for a picker.

import type * as vscode from "vscode";
import { originOf } from "./targets";

const HOSTS = "livebreak.hosts";

export class KeyRing {
  constructor(private readonly context: Pick<vscode.ExtensionContext, "secrets" | "globalState">) {}

  /** Addresses that a key is kept for. */
  hosts(): readonly string[] {
    const kept: unknown = this.context.globalState.get(HOSTS);
    return Array.isArray(kept) ? kept.filter((host): host is string => typeof host === "string" && originOf(host) !== undefined) : [];
  }

  async get(host: string): Promise<string | undefined> {
    const origin = originOf(host);
    return origin === undefined ? undefined : await this.context.secrets.get(nameOf(origin));
  }

  async put(host: string, key: string): Promise<void> {
    const origin = originOf(host);
    if (origin === undefined) return;
    await this.context.secrets.store(nameOf(origin), key);
    await this.context.globalState.update(HOSTS, [...this.others(origin), host]);
  }

  async forget(host: string): Promise<void> {
    const origin = originOf(host);
    if (origin === undefined) return;
    await this.context.secrets.delete(nameOf(origin));
    await this.context.globalState.update(HOSTS, this.others(origin));
  }

  private others(origin: string): string[] {
    return this.hosts().filter((host) => originOf(host) !== origin);
  }
}

function nameOf(origin: string): string {
  return `livebreak.key ${origin}`;
}
