import {
  referencedFields,
  sourcesOf,
  type Script,
  type ScriptNode,
  type TableReaderNode,
} from "#pkg/script";
import { nodeCodeName } from "#pkg/workflow";
import { iconOf, type IconName } from "./icons.ts";
import { ROOT_COLORS, statusColor } from "./colors.ts";
import { shortUrl, wrapped } from "./shorten.ts";

/** What is drawn, before anybody knows where. */
export interface Picture {
  readonly boxes: readonly PictureBox[];
  readonly lines: readonly PictureLine[];
}

export interface PictureBox {
  readonly name: string;
  /** Below the name. */
  readonly texts: readonly string[];
  readonly icon: IconName;
  readonly color: string;
  readonly isThick: boolean;
  readonly tooltip: string;
}

export interface PictureLine {
  /** Positions in the list of boxes. */
  readonly from: number;
  readonly to: number;
  readonly isDashed: boolean;
  readonly label: readonly string[];
  readonly color: string;
}

export interface DiagramDetail {
  /** Tables, batches and indexes on the lines. */
  readonly indexes: boolean;
  /** Fields that target expressions use, on the lines. */
  readonly fields: boolean;
}

export interface DiagramOptions extends DiagramDetail {
  /** Every tree of reader tables in a colour of its own. */
  readonly rootPalette?: boolean;
  /** Status codes of the reference by node: only names, coloured by status; details and palette are off. */
  readonly statuses?: ReadonlyMap<string, number>;
}

const BLACK = "#000000";
const DESCRIPTION_WIDTH = 36;
const DESCRIPTION_LINES = 3;

/** Boxes and lines of a script (spec/workflow.md 8.3), in script order. */
export function pictureOf(script: Script, options: DiagramOptions): Picture {
  const { statuses } = options;
  const position = new Map(script.nodes.map(({ name }, at) => [name, at]));
  const colors =
    options.rootPalette === true && statuses === undefined ? paletteOf(script) : undefined;
  const colorOf = (name: string): string => colors?.get(name) ?? BLACK;
  const at = (name: string): number => position.get(name) as number;
  return {
    boxes: script.nodes.map((node) =>
      statuses === undefined ? describedBox(node, colorOf(node.name)) : statusBox(node, statuses),
    ),
    lines: script.nodes.flatMap((node) => {
      if (node.kind === "file_table") return [];
      const { lookup, ...sources } = sourcesOf(script, node);
      const reader = sources.reader as string; // Only a reader of files has none.
      const labels = statuses === undefined ? labelsOf(node, options) : NO_LABELS;
      const to = at(node.name);
      const primary = {
        from: at(reader),
        to,
        isDashed: false,
        label: labels.reader,
        color: colorOf(reader),
      };
      if (lookup === undefined) return [primary];
      return [
        primary,
        { from: at(lookup), to, isDashed: true, label: labels.lookup, color: colorOf(lookup) },
      ];
    }),
  };
}

const common = (node: ScriptNode): Pick<PictureBox, "name" | "icon" | "isThick" | "tooltip"> => ({
  name: node.name,
  icon: iconOf(node),
  isThick: node.startPolicy === "manual",
  tooltip: node.description === "" ? node.name : `${node.name}: ${node.description}`,
});

const describedBox = (node: ScriptNode, color: string): PictureBox => ({
  ...common(node),
  color,
  texts: [...wrapped(node.description, DESCRIPTION_WIDTH, DESCRIPTION_LINES), ...summaryOf(node)],
});

/** Beside the colour the status is written, for those who do not see it. */
function statusBox(node: ScriptNode, statuses: ReadonlyMap<string, number>): PictureBox {
  const status = statuses.get(node.name) ?? 0;
  return {
    ...common(node),
    color: statusColor(status),
    texts: [status === 0 ? "" : nodeCodeName(status)],
  };
}

/** Kind, what is read, what is made. */
function summaryOf(node: ScriptNode): readonly string[] {
  return [kindText(node), sourceText(node), targetText(node)];
}

function kindText(node: ScriptNode): string {
  switch (node.kind) {
    case "file_table":
      return `reads ${node.reader.format}`;
    case "table_table":
      return "table to table";
    case "table_lookup_table":
      return `${node.lookup.join} join${node.lookup.group ? ", grouped" : ""}`;
    case "distinct_table":
      return "distinct rows";
    case "table_custom_tfm_table":
      return node.processor.type;
    case "table_file":
      return `writes ${node.writer.format}`;
  }
}

function sourceText(node: ScriptNode): string {
  if (node.kind === "file_table") {
    const [first = "", ...more] = node.reader.urls;
    return more.length === 0 ? shortUrl(first) : `${shortUrl(first)} and ${more.length} more`;
  }
  const lookup = node.kind === "table_lookup_table" ? `, index ${node.lookup.index}` : "";
  return `from ${node.reader.table}${lookup}`;
}

const targetText = (node: ScriptNode): string =>
  node.kind === "table_file"
    ? `creates file ${shortUrl(node.writer.urlTemplate)}`
    : `creates table ${node.writer.table}`;

interface Labels {
  readonly reader: readonly string[];
  readonly lookup: readonly string[];
}

const NO_LABELS: Labels = { reader: [], lookup: [] };

/** Texts on the lines into a node; also those of DOT. */
export function labelsOf(node: TableReaderNode, { indexes, fields }: DiagramDetail): Labels {
  const used = fields ? referencedFields(node) : NO_LABELS;
  const { table, batches = 1 } = node.reader;
  const count = batches === 1 ? "no parallelism" : `${batches} batches`;
  const index = node.kind === "table_lookup_table" ? [`${node.lookup.index} (lookup)`] : [];
  return {
    reader: [...(indexes ? [`${table} (${count})`] : []), ...used.reader],
    lookup: [...(indexes ? index : []), ...used.lookup],
  };
}

/** The colour of the tree of reader tables that a node belongs to; the biggest tree gets the first colour. */
function paletteOf(script: Script): ReadonlyMap<string, string> {
  const root = new Map<string, string>();
  const rootOf = (name: string): string => {
    const path: string[] = [];
    let at = name;
    for (let next = at; !root.has(at); at = next) {
      path.push(at);
      next = readerOf.get(at) as string;
      if (next === at) root.set(at, at);
    }
    const found = root.get(at) as string;
    for (const one of path) root.set(one, found);
    return found;
  };
  const readerOf = new Map(
    script.nodes.map((node) => [node.name, sourcesOf(script, node).reader ?? node.name]),
  );
  const members = new Map<string, number>();
  for (const { name } of script.nodes)
    members.set(rootOf(name), (members.get(rootOf(name)) ?? 0) + 1);
  const biggestFirst = [...members].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const colorOfRoot = new Map(
    biggestFirst.map((name, at) => [name, ROOT_COLORS[at % ROOT_COLORS.length] as string]),
  );
  return new Map(script.nodes.map(({ name }) => [name, colorOfRoot.get(rootOf(name)) as string]));
}
