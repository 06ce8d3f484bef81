import {
  compileCellReader,
  compileCellWriter,
  compileLayout,
  compileScan,
  dateTimeFromMs,
  type FieldType,
  type Value,
} from "#pkg/value";
import { isFault, type Fault } from "#pkg/fault";
import { rescue } from "./rescue.ts";

/** Two instants that differ in every element a layout can show, zone and offset included. */
const INSTANTS = [
  dateTimeFromMs(981_173_106_789),
  { ...dateTimeFromMs(1_700_000_007_123), offset: 3600, zone: "CET" },
];

/** True when the layout shows any part of a date, time or zone: `%Y-%m-%d` and `yyyy` do not. */
function showsTime(layout: string): boolean {
  const { format } = compileLayout(layout);
  const [first, second] = INSTANTS.map(format);
  return first !== second;
}

const LAYOUT_HINT = "write a layout like 2006-01-02 15:04:05";

/** What is wrong with col_format; undefined when it is right (spec/script.md 3.3). */
export const readFormatFault = (type: FieldType, format: string): string | undefined =>
  READ_FAULTS[type](format);

const noFormat = (type: FieldType) => (format: string) =>
  format === "" ? undefined : `a ${type} column takes no col_format`;

const scanFormat = (kind: "int" | "float", example: string) => (format: string) =>
  format === "" || compileScan(format, kind) !== undefined
    ? undefined
    : `it cannot read a number; write one verb like ${example}`;

function layoutFault(format: string): string | undefined {
  if (format === "") return `a datetime column needs a col_format; ${LAYOUT_HINT}`;
  return showsTime(format) ? undefined : `it holds no part of a date; ${LAYOUT_HINT}`;
}

const READ_FAULTS = {
  string: noFormat("string"),
  bool: noFormat("bool"),
  int: scanFormat("int", "%d"),
  float: scanFormat("float", "%f"),
  decimal2: scanFormat("float", "%f"),
  datetime: layoutFault,
} as const satisfies Readonly<Record<FieldType, (format: string) => string | undefined>>;

/** What is wrong with the default text of a CSV column, in the words of the cell reader. */
export function cellDefaultFault(
  type: FieldType,
  format: string,
  defaultText: string,
): string | undefined {
  const column = { type, format: format === "" ? undefined : format, defaultText };
  const read = (): undefined => void compileCellReader(column)("");
  return rescue<string | undefined, Fault>(read, isFault, ({ message }) => message);
}

const DIRECTIVE = /%([-+ 0#]*)(\d*)((?:\.\d*)?)([^]|$)/gu;
type Printed = Exclude<FieldType, "datetime">;
const VERBS: Readonly<Record<Printed, string>> = {
  string: "s",
  decimal2: "s",
  int: "d",
  float: "f",
  bool: "t",
};
const SAMPLES: Readonly<Record<Printed, Value>> = {
  string: "x",
  decimal2: { digits: 150n, scale: 2 },
  int: 1n,
  float: 1.5,
  bool: true,
};
/** What Sprintf writes in place of a value that a verb does not fit, or beside values that no verb shows. */
const DIAGNOSTIC = /%!.?\(/u;

/** What is wrong with the format of an output column; undefined when it is right (spec/script.md 4.4). */
export function writeFormatFault(type: FieldType, format: string): string | undefined {
  if (type === "datetime")
    return showsTime(format) ? undefined : `it shows no part of a date; ${LAYOUT_HINT}`;
  const text = compileCellWriter(type, format.replaceAll("%%", ""))(SAMPLES[type]);
  return DIAGNOSTIC.test(text) ? reasonOf(type, format) : undefined;
}

function reasonOf(type: Printed, format: string): string {
  const verbs = [...format.matchAll(DIRECTIVE)].filter((match) => !isPercentSign(match));
  const [verb, another] = verbs;
  const example = `write one verb like %${VERBS[type]}`;
  if (verb === undefined) return `it shows no value; ${example}`;
  if (another !== undefined) return `it has ${verbs.length} verbs for one value; ${example}`;
  return `%${String(verb[4])} does not fit ${type}; ${example}`;
}

const isPercentSign = ([text]: RegExpMatchArray): boolean => text === "%%";
