import type { ScriptNode } from "#pkg/script";

export type IconName = keyof typeof ICONS;

const table = (x: number, y: number, size: number): string => {
  const third = size / 3;
  return `M${x} ${y}h${size}v${size}h${-size}zM${x} ${y + third}h${size}M${x + third} ${y}v${size}`;
};
const document = "M10 4h20l8 8v32H10zM30 4v8h8";

/** What strokes draw in a square of 48 by 48, and a word on it. */
interface Icon {
  readonly path: string;
  readonly word: string;
}

export const ICONS = {
  readFile: { path: `${document}M24 22v14m-6-6l6 6 6-6`, word: "" },
  csv: { path: document, word: "CSV" },
  parquet: { path: document, word: "PQT" },
  ndjson: { path: document, word: "{ }" },
  tableToTable: { path: `${table(3, 15, 16)}${table(29, 15, 16)}M20 23h8m-4-4l4 4-4 4`, word: "" },
  lookup: {
    path: "M19 12a12 12 0 1 0 .1 0zM29 12a12 12 0 1 0 .1 0z",
    word: "",
  },
  distinct: { path: "M5 8h38L28 26v16l-8-5V26z", word: "" },
  python: { path: "M6 6h36v36H6z", word: "py" },
  tag: { path: "M5 7h18l21 21-16 16L5 23zM14 12a4 4 0 1 0 .1 0z", word: "" },
  custom: { path: "M24 4l17 10v20L24 44 7 34V14zM7 14l17 10 17-10M24 24v20", word: "" },
} as const satisfies Readonly<Record<string, Icon>>;

const OF_PROCESSOR: Readonly<Record<string, IconName>> = {
  py_calc: "python",
  tag_and_denormalize: "tag",
};

/** By kind of node, format of the file or type of the processor. */
export function iconOf(node: ScriptNode): IconName {
  switch (node.kind) {
    case "file_table":
      return "readFile";
    case "table_table":
      return "tableToTable";
    case "table_lookup_table":
      return "lookup";
    case "distinct_table":
      return "distinct";
    case "table_custom_tfm_table":
      return OF_PROCESSOR[node.processor.type] ?? "custom";
    case "table_file":
      return node.writer.format;
  }
}
