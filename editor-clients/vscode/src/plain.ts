// Text from the server is whatever a process captured. No VS Code API, so that it can be tested alone.

/** In one line, without controls: also none that turn the direction of what is written beside it. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, " ");
}

/** For a log: keys must not be in one, also where a whole message is traced. */
export function withoutKeys(text: string): string {
  return text.replace(/\bph[a-z]_\w+/g, "<key>");
}

/** For text that VS Code reads links and icons in: notifications, what an input box says, the status bar. A link may run a command. */
export function inert(text: string): string {
  return plain(text).replaceAll("](", "] (").replaceAll("$(", "$ (");
}

/** What went wrong, as a person is told it; names in it are somebody else's words. */
export function sentenceOf(error: unknown): string {
  return inert(error instanceof Error ? error.message : String(error));
}
