import type { FieldType } from "#pkg/value";
import type { NodeProcessor } from "./node-processor.ts";
import type { Place } from "./place.ts";

/**
 * A validated script as plain data: it survives JSON and structured clone, is hashed and frozen into a run, and is what
 * engine threads receive. Expressions are texts that have already been checked against their scope.
 */
export interface Script {
  readonly dialect: "latest" | "1.1.6";
  /** In the order of the script file. */
  readonly nodes: readonly ScriptNode[];
  readonly policies: readonly DependencyPolicy[];
}

export const NODE_KINDS = [
  "file_table",
  "table_table",
  "table_lookup_table",
  "distinct_table",
  "table_custom_tfm_table",
  "table_file",
] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

interface NodeCommon {
  readonly name: string;
  readonly description: string;
  readonly startPolicy: "auto" | "manual";
  readonly rerunPolicy: "rerun" | "fail";
  readonly place: Place;
  /** Absent: a row that cannot be processed fails its batch, as in the reference. */
  readonly rejects?: RejectPolicy;
  readonly checks?: readonly Check[];
}

/** Which rows that cannot be processed are set aside (design 10). */
export interface RejectPolicy {
  /** Records of a file that cannot be read: a bad cell, or too few or too many cells. */
  readonly records: boolean;
  /** Rows for which an expression fails. */
  readonly rows: boolean;
  /** More rejected rows than this, over all batches, fail the node. */
  readonly max?: number;
}

/** Something that must hold for what a node wrote before its success is recorded. */
export type Check = CheckCondition & {
  /** What a check that does not hold does to the node. */
  readonly severity: "warn" | "fail";
  readonly description: string;
};

export type CheckCondition =
  | { readonly kind: "rows"; readonly min?: number; readonly max?: number }
  /** Boolean expression over aggregates of the node's own table (w.*). */
  | { readonly kind: "expression"; readonly expression: string }
  /** Rows compared with the last good run of the same script: at most so many percent more or fewer. */
  | { readonly kind: "last_good"; readonly rowsChangePercent: number };

export interface FileTableNode extends NodeCommon {
  readonly kind: "file_table";
  readonly reader: FileReader;
  readonly writer: TableWriter;
}

export interface TableTableNode extends NodeCommon {
  readonly kind: "table_table";
  readonly policy: string;
  readonly reader: TableReader;
  readonly writer: TableWriter;
}

export interface LookupNode extends NodeCommon {
  readonly kind: "table_lookup_table";
  readonly policy: string;
  readonly reader: TableReader;
  readonly lookup: Lookup;
  readonly writer: TableWriter;
}

/** `writer.indexes` has exactly one unique index: it defines what is distinct. */
export interface DistinctNode extends NodeCommon {
  readonly kind: "distinct_table";
  readonly policy: string;
  readonly reader: TableReader;
  readonly writer: TableWriter;
}

export interface CustomNode extends NodeCommon {
  readonly kind: "table_custom_tfm_table";
  readonly policy: string;
  readonly reader: TableReader;
  readonly processor: NodeProcessor;
  readonly writer: TableWriter;
}

export interface TableFileNode extends NodeCommon {
  readonly kind: "table_file";
  readonly policy: string;
  readonly reader: TableReader;
  readonly writer: FileWriter;
}

export type ScriptNode =
  FileTableNode | TableTableNode | LookupNode | DistinctNode | CustomNode | TableFileNode;

export type TableWriterNode = Exclude<ScriptNode, TableFileNode>;
export type TableReaderNode = Exclude<ScriptNode, FileTableNode>;

/** Reader of a file_table node; one URL is one batch (spec/script.md 3.1-3.3, 11). */
export type FileReader = CsvFileReader | ParquetFileReader | NdjsonFileReader;

/** How the texts of a file are kept; `utf-8-bom` is for writing only. */
export type Charset = "utf-8" | "utf-16le" | "utf-16be" | "latin1";

/** In a frozen script: addresses as they were written, where there are patterns among them; `urls` has the files they stood for. */
export type WrittenUrls = readonly string[];

export interface CsvFileReader {
  readonly format: "csv";
  readonly urls: readonly string[];
  readonly written?: WrittenUrls;
  /** One byte. */
  readonly separator: string;
  /** Absent: UTF-8, or UTF-16 when a file begins with its mark. */
  readonly charset?: Charset;
  /** Record index of the header, -1 for none. */
  readonly headerIndex: number;
  /** Record index of the first data record. */
  readonly firstDataIndex: number;
  /** True: columns are found by header text; false: by index. */
  readonly byHeader: boolean;
  readonly columns: readonly CsvColumn[];
}

export interface ParquetFileReader {
  readonly format: "parquet";
  readonly urls: readonly string[];
  readonly written?: WrittenUrls;
  readonly columns: readonly NamedColumn[];
}

/** JSON objects, one a line; `header` of a column is the name of the member. */
export interface NdjsonFileReader {
  readonly format: "ndjson";
  readonly urls: readonly string[];
  readonly written?: WrittenUrls;
  readonly charset?: Charset;
  readonly columns: readonly CsvColumn[];
}

/** A column that is found by its name in the file. */
export interface NamedColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Name in the file. */
  readonly header: string;
}

export interface CsvColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Header text when the reader is byHeader. */
  readonly header: string;
  /** Zero-based column when it is not. */
  readonly index: number;
  /** Scan format or time layout, "" for none. */
  readonly format: string;
  /** Text used for an empty cell, "" for the default of the type. */
  readonly defaultText: string;
}

export interface TableReader {
  readonly table: string;
  /** Absent: the engine chooses from the size of the source (table_file: 1). */
  readonly batches?: number;
  readonly rowsetSize: number;
}

export interface Lookup {
  readonly index: string;
  /** Table that owns the index. */
  readonly table: string;
  /** Left field for each component of the index, in component order. */
  readonly leftFields: readonly string[];
  /** The components of the index, in order. */
  readonly components: readonly KeyComponent[];
  readonly join: "inner" | "left";
  readonly group: boolean;
  /** Boolean expression over l.*, "" for none. */
  readonly filter: string;
}

export interface TableWriter {
  readonly table: string;
  readonly fields: readonly Field[];
  /** Boolean expression over w.*, "" for none. */
  readonly having: string;
  readonly indexes: readonly Index[];
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly expression: string;
  /** Text of default_value, trimmed; "" for the default of the type. */
  readonly defaultText: string;
}

export interface Index {
  readonly name: string;
  readonly unique: boolean;
  readonly components: readonly KeyComponent[];
}

/** One component of an index or order expression (spec/script.md 5.1). */
export interface KeyComponent {
  readonly field: string;
  readonly type: FieldType;
  readonly descending: boolean;
  /** Strings only. */
  readonly ignoreCase: boolean;
  /** Strings only: characters that count, when the author gave a number (at least 16). Absent: all of them. */
  readonly length?: number;
}

export type FileWriter = CsvFileWriter | ParquetFileWriter | NdjsonFileWriter;

export interface NdjsonFileWriter extends FileWriterCommon {
  readonly format: "ndjson";
  readonly charset?: Charset | "utf-8-bom";
}

export interface CsvFileWriter extends FileWriterCommon {
  readonly format: "csv";
  readonly separator: string;
  readonly dialect: "rfc4180" | "capillaries";
  /** Absent: UTF-8 without a mark. */
  readonly charset?: Charset | "utf-8-bom";
}

export interface ParquetFileWriter extends FileWriterCommon {
  readonly format: "parquet";
  readonly codec: "gzip" | "snappy" | "uncompressed";
}

interface FileWriterCommon {
  /** May hold {batch_idx|string} and {run_id|string}. */
  readonly urlTemplate: string;
  readonly columns: readonly OutputColumn[];
  /** Boolean expression over w.<column name>, "" for none. */
  readonly having: string;
  readonly top?: { readonly order: readonly KeyComponent[]; readonly limit: number };
}

export interface OutputColumn {
  readonly name: string;
  readonly type: FieldType;
  readonly expression: string;
  /** Header of a CSV column, name of another one in the file. */
  readonly header: string;
  /** Sprintf format or time layout; "" where the file keeps values, not texts. */
  readonly format: string;
}

export interface DependencyPolicy {
  readonly name: string;
  readonly isDefault: boolean;
  /** "nrs" is the latest dialect: nothing matched waits; "e" is 1.1.6: nothing matched is nogo. */
  readonly vocabulary: "nrs" | "e";
  readonly order: readonly KeyComponent[];
  readonly rules: readonly {
    readonly command: "go" | "wait" | "nogo";
    readonly expression: string;
  }[];
}
