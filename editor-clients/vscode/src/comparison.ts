// Two hits beside each other, as two texts for a diff editor. No VS Code API, so that it can be tested alone.

import type { CompareHitsResult } from "./messages";
import { plain } from "./plain";

export interface Sides {
  before: string;
  after: string;
}

/** A line for each value that differs. What is in one hit only has its line there only. */
export function sidesOf(result: CompareHitsResult): Sides {
  const side = (which: "before" | "after") =>
    result.rows.flatMap((row) => (row[which] === undefined ? [] : [`${plain(row.expression)} = ${plain(row[which])}`]));
  const same = result.unchanged === 1 ? "1 variable is the same" : `${result.unchanged} variables are the same`;
  const remarks = [`# ${same} in both hits.`, ...(result.note ? [`# ${plain(result.note)}`] : [])];
  const text = (lines: string[]) => [...lines, "", ...remarks, ""].join("\n");
  return { before: text(side("before")), after: text(side("after")) };
}
