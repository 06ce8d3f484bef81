import type { Expression } from "./expressions.ts";
import {
  bareFields,
  computedFields,
  computedRow,
  Failing,
  fieldJson,
  fieldsOf,
  finished,
  having,
  havingJson,
  type Computed,
} from "./nodes.ts";
import type { Random } from "./random.ts";
import {
  fieldNames,
  type Input,
  type NodeOutcome,
  type NodeSpec,
  type Rejected,
} from "./tables.ts";
import {
  BAD_CELLS,
  CELLS,
  COL_FORMATS,
  type Cell,
  type Row,
  type Type,
  type Value,
} from "./values.ts";

const TYPES: readonly Type[] = [
  ...(["string", "string", "int", "int", "float"] as const),
  ...(["bool", "decimal2", "datetime"] as const),
];
const SEPARATOR = ",";

interface Column {
  readonly name: string;
  readonly type: Type;
  readonly cells: readonly Cell[];
  /** What an empty cell of the column means, when that is not the default of its type. */
  readonly standard: Cell | undefined;
}

interface Record {
  /** Physical line on which it begins. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

interface File {
  readonly input: Input;
  readonly records: readonly Record[];
}

/** Where rows are rejected: nowhere, only records that cannot be read, or whatever fails. */
type Rejecting = "none" | "reader" | "node";

interface Reader {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly files: readonly File[];
  readonly fields: readonly Computed[];
  readonly filter: Expression | undefined;
  readonly rejecting: Rejecting;
}

function quoted(random: Random, text: string, isAlone: boolean): string {
  const needsQuotes = text.includes(SEPARATOR) || /["\r\n]/.test(text) || (isAlone && text === "");
  return needsQuotes || random.chance(10) ? `"${text.replaceAll('"', '""')}"` : text;
}

const randomCells = (random: Random, columns: readonly Column[], badPercent: number): Cell[] =>
  columns.map(({ type, cells }) => {
    const bad = BAD_CELLS[type];
    return bad !== undefined && random.chance(badPercent) ? random.pick(bad) : random.pick(cells);
  });

function inputFile(
  random: Random,
  name: string,
  columns: readonly Column[],
  badPercent: number,
): File {
  const end = random.pick(["\n", "\r\n"]);
  const isAlone = columns.length === 1;
  let line = 2;
  let text = columns.map((each) => each.name).join(SEPARATOR) + end;
  const count = random.chance(10) ? 0 : random.whole(1, random.pick([4, 12, 40]));
  const records = random.times(count, (): Record => {
    // An empty line is no record.
    if (random.chance(3)) {
      text += end;
      line += 1;
    }
    const record = { line, cells: randomCells(random, columns, badPercent) };
    const lineText = record.cells.map(([cell]) => quoted(random, cell, isAlone)).join(SEPARATOR);
    text += lineText + end;
    line += lineText.split("\n").length;
    return record;
  });
  const isOpen = count > 0 && random.chance(20);
  return { input: { name, text: isOpen ? text.slice(0, -end.length) : text }, records };
}

function randomColumns(random: Random): readonly Column[] {
  const types = random.times(random.whole(2, 5), () => random.pick(TYPES));
  const names = fieldNames(random, types.length);
  return types.map((type, at): Column => {
    const standard = random.pick(CELLS[type]);
    const isUsed = standard[0].trim() !== "" && random.chance(15);
    return {
      name: names[at] as string,
      type,
      cells: random.some(CELLS[type], random.pick([2, 4, 30])),
      standard: isUsed ? standard : undefined,
    };
  });
}

function randomReader(random: Random, name: string): Reader {
  const columns = randomColumns(random);
  const rejecting = random.pick(["none", "none", "reader", "node"] as const);
  const badPercent = random.chance(rejecting === "none" ? 8 : 60) ? 4 : 0;
  const files = random.times(random.whole(1, 3), (at) =>
    inputFile(random, `${name}_${at}.csv`, columns, badPercent),
  );
  const seen = fieldsOf("r", columns);
  const fields = random.chance(50) ? bareFields(seen) : computedFields(random, seen);
  return { name, columns, files, fields, filter: having(random, fields), rejecting };
}

const columnJson = ({ name, type, standard }: Column): object => {
  const format = COL_FORMATS[type];
  return {
    csv: { col_hdr: name, ...(format === undefined ? {} : { col_format: format }) },
    col_type: type,
    ...(standard === undefined ? {} : { col_default_value: standard[0] }),
  };
};

const readerJson = ({ files, rejecting, columns }: Reader): object => ({
  urls: files.map(({ input }) => `IN/${input.name}`),
  ...(rejecting === "reader" ? { on_error: "reject" } : {}),
  csv: { hdr_line_idx: 0, first_data_line_idx: 1, separator: SEPARATOR },
  columns: Object.fromEntries(columns.map((column) => [column.name, columnJson(column)])),
});

const valueOf = ({ standard }: Column, [text, value]: Cell): Value | undefined =>
  text === "" && standard !== undefined ? standard[1] : value;

/** The row of a record, none when it is filtered out. Throws the name of the column or field that fails. */
function expectedRow(reader: Reader, { cells }: Record): readonly Row[] {
  const { columns, fields, filter } = reader;
  const values = columns.map((column, at) => valueOf(column, cells[at] as Cell));
  const bad = values.indexOf(undefined);
  if (bad >= 0) throw new BadCell(columns[bad]?.name);
  const r = Object.fromEntries(columns.map(({ name }, at) => [name, values[at] as Value]));
  return finished(computedRow(fields, { r }), fields, filter);
}

class BadCell extends Failing {}

/** As expectedRow, the place that failed instead of throwing. */
function rowOrPlace(reader: Reader, record: Record): readonly Row[] | Failing {
  try {
    return expectedRow(reader, record);
  } catch (error) {
    if (error instanceof Failing) return error;
    throw error;
  }
}

function expectedRows(reader: Reader): NodeOutcome {
  const rejected: Rejected[] = [];
  const rows: Row[] = [];
  let failed = false;
  for (const { input, records } of reader.files)
    for (const record of records) {
      const found = rowOrPlace(reader, record);
      if (found instanceof Failing) {
        rejected.push([input.name, record.line, found.message]);
        failed ||= !isSetAside(reader, found);
      } else rows.push(...found);
    }
  return { rows, rejected, failed };
}

const isSetAside = ({ rejecting }: Reader, failing: Failing): boolean =>
  failing instanceof BadCell ? rejecting !== "none" : rejecting === "node";

/** A random file_table node and its files. */
export function fileTable(random: Random, name: string): readonly [NodeSpec, readonly Input[]] {
  const reader = randomReader(random, name);
  const { fields, filter, rejecting, files } = reader;
  const spec: NodeSpec = {
    name: `read_${name}`,
    table: name,
    fields,
    indexes: [],
    sources: [],
    json: (indexes) => ({
      type: "file_table",
      ...(rejecting === "node" ? { on_error: "reject" } : {}),
      r: readerJson(reader),
      w: {
        name,
        fields: fieldJson(fields),
        ...havingJson(filter),
        indexes,
      },
    }),
    expect: () => expectedRows(reader),
  };
  return [spec, files.map(({ input }) => input)];
}
