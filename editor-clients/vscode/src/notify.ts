// How somebody learns of new hits: a number at the view's icon, and for those who want it a message. Never a sound or a dialog.

import * as vscode from "vscode";
import { debugHit } from "./debugger";
import { hitsCount, nameOf } from "./labels";
import type { Mutes } from "./mutes";
import { inert } from "./plain";
import type { LiveSession } from "./session";
import { tellError } from "./telling";
import { Every, type News, Unseen } from "./unseen";
import type { HitView } from "./view";

type Notify = "off" | "badge" | "message";

export function registerNotify(session: LiveSession, view: HitView, mutes: Mutes): vscode.Disposable[] {
  const unseen = new Unseen((id) => mutes.has(id));
  const every = new Every();
  let target = "";
  const draw = () => view.setBadge(setting() === "off" ? 0 : unseen.count);
  const look = () => {
    unseen.look();
    draw();
  };
  return [
    session.onStatus((status) => {
      if (status.connection !== "connected") return;
      const now = `${status.host} ${status.project}`;
      if (now !== target) unseen.reset();
      target = now;
    }),
    view.onRefreshed(() => {
      if (!view.tree.isKnown || view.tree.trouble !== undefined) return;
      const news = unseen.take(view.tree.breakpoints.map((node) => node.entry));
      if (view.isVisible) look();
      else {
        draw();
        if (setting() === "message") for (const item of news) if (isTime(every, item)) void tell(session, mutes, item);
      }
    }),
    view.onShown(look),
    mutes.onChange(draw),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("livebreak.hits") && draw()),
  ];
}

function setting(): Notify {
  return vscode.workspace.getConfiguration("livebreak").get<Notify>("hits.notify", "badge");
}

function isTime(every: Every, news: News): boolean {
  const seconds = vscode.workspace.getConfiguration("livebreak").get("hits.notifyEvery", 30);
  return every.allows(news.entry.breakpoint.id, Date.now(), seconds * 1000);
}

async function tell(session: LiveSession, mutes: Mutes, { entry, count }: News): Promise<void> {
  const { breakpoint, newest } = entry;
  const place = `${nameOf(entry.filename)}:${breakpoint.line + 1}`;
  const values = session.hitsOf(breakpoint.id)?.summary;
  const text = values ? `: ${inert(values)}` : "";
  const answer = await vscode.window.showInformationMessage(
    `LiveBreak: ${hitsCount(count)} at ${inert(place)}${text}`,
    ...(newest ? ["Open in Debugger"] : []),
    "Mute",
  );
  if (answer === "Mute") await mutes.set(breakpoint.id, true);
  if (answer === "Open in Debugger" && newest) await debugHit(newest.id, place).catch(tellError);
}
