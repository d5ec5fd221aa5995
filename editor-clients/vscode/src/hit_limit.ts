// VS Code's hit counts, as far as a live breakpoint can have one: the first hits only. The debug adapter reads them the same way.

const FORM = /^\s*(<=?)?\s*([1-9][0-9]{0,8})\s*$/;

/** `<= 10`, `< 11` and `10` are the first ten hits; undefined is a hit count of another kind. */
export function hitLimitOf(hitCondition: string | undefined): number | undefined {
  const found = FORM.exec(hitCondition ?? "");
  if (!found) return undefined;
  return Number(found[2]) - (found[1] === "<" ? 1 : 0) || undefined;
}
