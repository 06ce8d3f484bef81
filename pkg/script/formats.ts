import {
  compileCellReader,
  compileLayout,
  compileScan,
  dateTimeFromMs,
  type FieldType,
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
const VERBS: Readonly<Record<Exclude<FieldType, "datetime">, string>> = {
  string: "svqxX",
  decimal2: "svqxX",
  int: "dvxXobcUqO",
  float: "fFeEgGv",
  bool: "tv",
};

/** What is wrong with the format of an output column; undefined when it is right (spec/script.md 4.4). */
export function writeFormatFault(type: FieldType, format: string): string | undefined {
  if (type === "datetime")
    return showsTime(format) ? undefined : `it shows no part of a date; ${LAYOUT_HINT}`;
  const fitting = VERBS[type];
  const verbs = [...format.matchAll(DIRECTIVE)].filter((match) => !isPercentSign(match));
  const [verb, another] = verbs;
  const example = `write one verb like %${fitting.charAt(0)}`;
  if (verb === undefined) return `it shows no value; ${example}`;
  if (another !== undefined) return `it has ${verbs.length} verbs for one value; ${example}`;
  const letter = String(verb[4]);
  return letter !== "" && fitting.includes(letter)
    ? undefined
    : `%${letter} does not fit ${type}; ${example}`;
}

const isPercentSign = ([text]: RegExpMatchArray): boolean => text === "%%";
