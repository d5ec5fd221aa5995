// Read-only texts in editor tabs: comparisons, explanations. They are kept in memory only, since they hold captured values.

import * as vscode from "vscode";

const SCHEME = "livebreak-text";
/** Texts that are kept for tabs that are opened again; older ones are gone. */
const MOST_KEPT = 50;

export class TextDocuments implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private last = 0;

  /** A new text under this name. */
  put(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name.replaceAll("/", "-")}`, query: String(++this.last) });
    this.texts.set(uri.toString(), text);
    const [oldest] = this.texts.keys();
    if (this.texts.size > MOST_KEPT && oldest !== undefined) this.texts.delete(oldest);
    return uri;
  }

  async show(name: string, text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.put(name, text));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "This text is not kept any more: run the command again.";
  }
}

export function registerDocuments(documents: TextDocuments): vscode.Disposable[] {
  return [vscode.workspace.registerTextDocumentContentProvider(SCHEME, documents)];
}
