import { compileLayout, dateTimeFromMs } from "#pkg/value";
import type { Operand } from "../operand.ts";
import type { KernelMaker } from "./kernel.ts";

const MS_PER_DAY = 86_400_000;
/** Texts kept from batch to batch. */
const MAX_KEPT = 100_000;
/** Units are numbered in a table while their range is not much larger than the number of rows. */
const MAX_RANGE = 1 << 20;

/** Units of time in which a layout may tell instants apart, the largest first. */
const UNITS_MS = [MS_PER_DAY, 3_600_000, 60_000, 1000, 1];

/** One part of the time of day each, so that every token that depends on it prints another text than at midnight. */
const PROBES_MS = [0, 3_600_000, 13 * 3_600_000, 60_000, 11 * 60_000, 1000, 11_000, 1, 10, 100];

interface KnownLayout {
  readonly unitMs: number;
  /** Text of each unit met so far, by its number since 1970. */
  readonly texts: Map<number, string>;
  readonly format: (unit: number) => string;
}

/** time.Format of stored instants: one text for each distinct day, hour… that the layout can show. */
export const formatKernel: KernelMaker = () => {
  const layouts = new Map<string, KnownLayout>();
  return ([instants, layout], rows) => {
    if (instants?.form !== "instants" || layout?.form !== "constant") return undefined;
    const text = layout.value as string;
    let known = layouts.get(text);
    if (known === undefined) {
      known = knownLayout(text);
      layouts.set(text, known);
    }
    if (known.texts.size > MAX_KEPT) known.texts.clear();
    return formatUnits(instants.values, rows, known);
  };
};

function knownLayout(text: string): KnownLayout {
  const layout = compileLayout(text);
  const formatMs = (ms: number): string => layout.format(dateTimeFromMs(ms));
  const midnight = formatMs(0);
  const visible = PROBES_MS.filter((ms) => formatMs(ms) !== midnight);
  const unitMs = UNITS_MS.find((unit) => visible.every((ms) => ms % unit === 0)) as number;
  return { unitMs, texts: new Map(), format: (unit) => formatMs(unit * unitMs) };
}

function formatUnits(
  instants: Float64Array,
  rows: number,
  known: KnownLayout,
): Operand | undefined {
  const { unitMs } = known;
  const units = new Float64Array(rows);
  let least = Infinity;
  let greatest = -Infinity;
  for (let row = 0; row < rows; row += 1) {
    const unit = Math.floor((instants[row] as number) / unitMs);
    units[row] = unit;
    if (unit < least) least = unit;
    if (unit > greatest) greatest = unit;
  }
  const range = greatest - least + 1;
  if (range > MAX_RANGE && range > rows * 4) return undefined;
  return numberUnits(units, { least, range }, known);
}

function numberUnits(
  units: Float64Array,
  { least, range }: { readonly least: number; readonly range: number },
  { texts: kept, format }: KnownLayout,
): Operand {
  const numbers = new Int32Array(range);
  const codes = new Int32Array(units.length);
  const texts: string[] = [];
  for (let row = 0; row < codes.length; row += 1) {
    const unit = units[row] as number;
    let number = numbers[unit - least] as number;
    if (number === 0) {
      let text = kept.get(unit);
      if (text === undefined) {
        text = format(unit);
        kept.set(unit, text);
      }
      texts.push(text);
      number = texts.length;
      numbers[unit - least] = number;
    }
    codes[row] = number - 1;
  }
  return { form: "texts", codes, texts, column: undefined };
}
