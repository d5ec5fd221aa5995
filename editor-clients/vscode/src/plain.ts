// Text from the server is whatever a process captured. No VS Code API, so that it can be tested alone.

/** In one line, without controls: also none that turn the direction of what is written beside it. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, " ");
}

/** For a log: keys must not be in one, also where a whole message is traced. */
export function withoutKeys(text: string): string {
  return text.replace(/\bph[a-z]_\w+/g, "<key>");
}
