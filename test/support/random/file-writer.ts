import type { Expression } from "./expressions.ts";
import {
  bareFields,
  computedFields,
  computedRow,
  fieldsOf,
  having,
  havingJson,
  isKept,
  nodeSettings,
  outcome,
  passed,
  type Computed,
} from "./nodes.ts";
import type { Random } from "./random.ts";
import { keyParts, type NodeSpec, type Rejected } from "./tables.ts";
import {
  compareRows,
  outText,
  OUT_FORMATS,
  partText,
  type KeyPart,
  type Row,
  type Value,
} from "./values.ts";

interface Writer {
  readonly name: string;
  readonly source: NodeSpec;
  readonly columns: readonly Computed[];
  readonly filter: Expression | undefined;
  readonly batches: number;
  readonly order: readonly KeyPart[] | undefined;
  readonly limit: number | undefined;
  readonly separator: string;
}

const quoted = (text: string, separator: string): string =>
  text.includes(separator) || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const line = ({ separator }: Writer, texts: readonly string[]): string =>
  texts.map((each) => quoted(each, separator)).join(separator);

function written({ columns, filter }: Writer, row: Row): readonly Row[] {
  const whole = computedRow(columns, { r: row });
  return isKept(filter, whole) ? [whole] : [];
}

function fileText(writer: Writer, rows: readonly Row[]): string {
  const { columns, order, limit } = writer;
  const sorted =
    order === undefined ? rows : rows.toSorted((a, b) => compareRows(a, b, order)).slice(0, limit);
  const texts = sorted.map((row) =>
    line(
      writer,
      columns.map(({ type, name }) => outText(type, row[name] as Value)),
    ),
  );
  const header = line(
    writer,
    columns.map(({ name }) => name),
  );
  return [header, ...texts, ""].join("\n");
}

const writerJson = ({
  name,
  batches,
  filter,
  order,
  limit,
  separator,
  columns,
}: Writer): object => ({
  url_template: `OUT/${name}${batches > 1 ? "_{batch_idx}" : ""}.csv`,
  ...havingJson(filter),
  ...(order === undefined
    ? {}
    : {
        top: {
          order: order.map(partText).join(","),
          ...(limit === undefined ? {} : { limit }),
        },
      }),
  csv: { separator },
  columns: columns.map((column) => ({
    csv: { header: column.name, format: OUT_FORMATS[column.type] },
    name: column.name,
    expression: column.expression.text,
    type: column.type,
  })),
});

function expectedFiles(
  writer: Writer,
  rows: readonly Row[],
): { readonly files: Record<string, string>; readonly rejected: Rejected[] } {
  const { name, batches, source } = writer;
  const rejected: Rejected[] = [];
  const files: Record<string, string> = {};
  for (let batch = 0; batch < batches; batch += 1) {
    const from = Math.floor((batch * rows.length) / batches);
    const part = rows.slice(from, Math.floor(((batch + 1) * rows.length) / batches));
    const made = passed(part, source.table, (row) => written(writer, row));
    for (const [file, at, column] of made.rejected) rejected.push([file, at + from, column]);
    const number = batches > 1 ? `_${String(batch).padStart(5, "0")}` : "";
    files[`${name}${number}.csv`] = fileText(writer, made.rows);
  }
  return { files, rejected };
}

function randomWriter(random: Random, name: string, source: NodeSpec): Writer {
  const seen = fieldsOf("r", source.fields);
  const columns = random.chance(60) ? bareFields(seen) : computedFields(random, seen);
  return {
    name,
    source,
    columns,
    filter: having(random, columns),
    batches: random.chance(40) ? random.whole(2, 4) : 1,
    order: random.chance(50) ? keyParts(random, columns, true) : undefined,
    limit: random.chance(60) ? random.whole(1, 8) : undefined,
    separator: random.pick([",", ",", ";", "\t"]),
  };
}

/** A random table_file node. */
export function tableFile(random: Random, name: string, source: NodeSpec): NodeSpec {
  const writer = randomWriter(random, name, source);
  const { isRejecting, settings } = nodeSettings(random);
  const reader = writer.batches > 1 ? { expected_batches_total: writer.batches } : {};
  return {
    name: `write_${name}`,
    table: "",
    fields: [],
    indexes: [],
    sources: [source],
    json: () => ({
      type: "table_file",
      ...settings,
      r: { table: source.table, ...reader },
      w: writerJson(writer),
    }),
    expect([rows = []]) {
      const { files, rejected } = expectedFiles(writer, rows);
      return { ...outcome({ rows: [], rejected }, isRejecting), files };
    },
  };
}
