import type { FileMetaData, SchemaElement } from "hyparquet";

/** What the cells of a column are, by logical type, with the older converted type as a second source (spec/script.md 11.1). */
export type CellKind =
  | { readonly type: "string" }
  | { readonly type: "bool" }
  | { readonly type: "int"; readonly unsigned: boolean }
  | { readonly type: "float"; readonly half: boolean }
  | { readonly type: "decimal2"; readonly scale: number }
  | { readonly type: "datetime"; readonly unit: TimeUnit };

export type TimeUnit = "days" | "ms" | "us" | "ns" | "int96";

/** A column of the file without nested ones. */
export interface Leaf {
  readonly name: string;
  readonly element: SchemaElement;
  /** Undefined for what no field type can hold. */
  readonly kind: CellKind | undefined;
}

/** Top-level columns in file order; nested ones have no kind. */
export function topLevelLeaves({ schema }: Pick<FileMetaData, "schema">): readonly Leaf[] {
  const leaves: Leaf[] = [];
  for (let at = 1; at < schema.length;) {
    const element = schema[at] as SchemaElement;
    const nested = (element.num_children ?? 0) > 0 || element.repetition_type === "REPEATED";
    leaves.push({ name: element.name, element, kind: nested ? undefined : kindOf(element) });
    at = behindSubtree(schema, at);
  }
  return leaves;
}

function behindSubtree(schema: readonly SchemaElement[], at: number): number {
  let open = 1;
  let next = at;
  while (open > 0 && next < schema.length) {
    open += (schema[next]?.num_children ?? 0) - 1;
    next += 1;
  }
  return next;
}

const MAX_SCALE = 38;

function kindOf(element: SchemaElement): CellKind | undefined {
  const { logical_type: logical, converted_type: converted, type } = element;
  if (logical?.type === "DECIMAL" || converted === "DECIMAL") return decimalKind(element);
  const unit = timeUnitOf(element);
  if (unit !== undefined) return { type: "datetime", unit };
  return type === undefined ? undefined : KINDS[type]?.(element);
}

/** What columns without a mark of decimals or times hold, by the way they are kept. */
const KINDS: Readonly<Record<string, (element: SchemaElement) => CellKind | undefined>> = {
  BOOLEAN: () => ({ type: "bool" }),
  INT32: intKind,
  INT64: intKind,
  FLOAT: () => ({ type: "float", half: false }),
  DOUBLE: () => ({ type: "float", half: false }),
  FIXED_LEN_BYTE_ARRAY: ({ logical_type: logical }) =>
    logical?.type === "FLOAT16" ? { type: "float", half: true } : undefined,
  BYTE_ARRAY: (element) => (isText(element) ? { type: "string" } : undefined),
};

function decimalKind({
  type,
  logical_type: logical,
  scale = 0,
}: SchemaElement): CellKind | undefined {
  const digits = logical?.type === "DECIMAL" ? logical.scale : scale;
  const numeric = type === "INT32" || type === "INT64" || type === "FIXED_LEN_BYTE_ARRAY";
  if ((!numeric && type !== "BYTE_ARRAY") || Math.abs(digits) > MAX_SCALE) return undefined;
  return { type: "decimal2", scale: digits };
}

const UNITS = { MILLIS: "ms", MICROS: "us", NANOS: "ns" } as const;

function timeUnitOf({
  type,
  logical_type: logical,
  converted_type: converted,
}: SchemaElement): TimeUnit | undefined {
  if (type === "INT96") return "int96";
  if (type === "INT32")
    return logical?.type === "DATE" || converted === "DATE" ? "days" : undefined;
  if (type !== "INT64") return undefined;
  if (logical?.type === "TIMESTAMP") return UNITS[logical.unit];
  if (converted === "TIMESTAMP_MILLIS") return "ms";
  return converted === "TIMESTAMP_MICROS" ? "us" : undefined;
}

/** Times of day are no numbers; everything else kept in 32 or 64 bits is. */
function intKind(element: SchemaElement): CellKind | undefined {
  const { logical_type: logical, converted_type: converted } = element;
  const isTime = logical === undefined && converted?.startsWith("TIME_") === true;
  if (isTime || (logical !== undefined && logical.type !== "INTEGER")) return undefined;
  return { type: "int", unsigned: isUnsigned(element) };
}

export const isUnsigned = ({
  logical_type: logical,
  converted_type: converted,
}: SchemaElement): boolean =>
  logical?.type === "INTEGER" ? !logical.isSigned : converted?.startsWith("UINT_") === true;

const TEXTS = new Set(["STRING", "ENUM", "JSON", "UTF8"]);

/** Bytes without any mark are taken for text: many writers leave the mark out. */
function isText({ logical_type: logical, converted_type: converted }: SchemaElement): boolean {
  const mark = logical?.type ?? converted;
  return mark === undefined || TEXTS.has(mark);
}

/** How a person names what a column holds. */
export function describeLeaf({ element, kind }: Leaf): string {
  if (kind !== undefined) return kind.type;
  const mark = element.logical_type?.type ?? element.converted_type ?? element.type;
  return (element.num_children ?? 0) > 0 || element.repetition_type === "REPEATED"
    ? "nested"
    : String(mark);
}
