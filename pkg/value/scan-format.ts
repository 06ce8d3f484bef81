import { MAX_NUMBER } from "./print-argument.ts";
import { isBlank } from "./white-space.ts";

/** Literal text, a percent sign, or a run of blanks (with the line breaks in it) of a scan format. */
export type ScanStep =
  | { readonly step: "literal"; readonly text: string }
  | { readonly step: "percent" }
  | { readonly step: "blanks"; readonly lineBreaks: number; readonly trailing: boolean };

export interface ScanFormat {
  readonly before: readonly ScanStep[];
  readonly verb: string;
  readonly width: number | undefined;
  readonly after: readonly ScanStep[];
}

const PIECES = /%(\d*)(.?)|([^%]+)/gsu;

function literalSteps(text: string): ScanStep[] {
  const steps: ScanStep[] = [];
  for (const run of splitRuns(text)) {
    if (!isBlank(run)) {
      steps.push({ step: "literal", text: run });
      continue;
    }
    const lineBreaks = run.split("\n").length - 1;
    steps.push({ step: "blanks", lineBreaks, trailing: !run.endsWith("\n") });
  }
  return steps;
}

/** Alternating runs of blanks and of other characters. */
function splitRuns(text: string): readonly string[] {
  const runs: string[] = [];
  let previous: boolean | undefined;
  for (const character of text) {
    const blank = isBlank(character);
    if (blank === previous) runs[runs.length - 1] += character;
    else runs.push(character);
    previous = blank;
  }
  return runs;
}

/** Undefined unless there is exactly one verb. */
export function parseScanFormat(format: string): ScanFormat | undefined {
  const before: ScanStep[] = [];
  const after: ScanStep[] = [];
  let found: { readonly verb: string; readonly width: number | undefined } | undefined;
  for (const [, digits = "", verb = "", text] of format.matchAll(PIECES)) {
    const steps = found === undefined ? before : after;
    if (text !== undefined) {
      steps.push(...literalSteps(text));
    } else if (verb === "%" && Number(digits) <= MAX_NUMBER) {
      steps.push({ step: "percent" });
    } else if (found !== undefined || verb === "") {
      return undefined;
    } else {
      found = { verb, width: digits === "" ? undefined : Number(digits) };
    }
  }
  return found === undefined ? undefined : { before, after, ...found };
}
