import {
  dateTimeFromMs,
  decimalFromFloat,
  decimalFromText,
  isInt64,
  type FieldType,
  type Value,
} from "#pkg/value";

/** What a module returned as a value of the type; undefined when it is none. */
export const resultValue = (type: FieldType, given: unknown): Value | undefined =>
  READERS[type](given);

const READERS: Readonly<Record<FieldType, (given: unknown) => Value | undefined>> = {
  int: (given) => {
    const whole = Number.isSafeInteger(given) ? BigInt(given as number) : given;
    return typeof whole === "bigint" && isInt64(whole) ? whole : undefined;
  },
  float: (given) => (Number.isFinite(given) ? (given as number) : undefined),
  decimal2: (given) => {
    if (typeof given === "number") return decimalFromFloat(given);
    if (typeof given === "bigint") return { digits: given, scale: 0 };
    return typeof given === "string" ? decimalFromText(given) : undefined;
  },
  // A lone half of a character cannot be stored.
  string: (given) =>
    typeof given === "string" && !/\p{Surrogate}/u.test(given) ? given : undefined,
  bool: (given) => (typeof given === "boolean" ? given : undefined),
  datetime: (given) =>
    Number.isSafeInteger(given) && (given as number) >= FIRST_MS && (given as number) <= LAST_MS
      ? dateTimeFromMs(given as number)
      : undefined,
};

/** Years 1 to 9999, which every format can write. */
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;

const SHOWN = 80;

/** For messages. */
export function shownResult(given: unknown): string {
  if (given === undefined || given === null) return "nothing";
  if (Array.isArray(given)) return "a list";
  if (typeof given === "object") return "an object";
  const text = typeof given === "string" ? JSON.stringify(given) : plainText(given);
  return `the ${typeof given} ${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}`;
}

const plainText = (given: unknown): string => (typeof given === "function" ? "" : String(given));
