import { counted } from "#pkg/fault";
import { profileTable, type ColumnProfile, type ProfileRequest } from "#pkg/operator";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";
import { table, thousands } from "./show-summary.ts";

interface Style {
  readonly folder: string;
  readonly json: boolean;
}

/** `profile`: what the columns of a table hold, from one scan. */
export async function showProfile(
  context: Context,
  request: ProfileRequest,
  style: Style,
): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  const profile = await profileTable(installation.ports, request);
  if (style.json) context.out(`${JSON.stringify(profile)}\n`);
  else {
    const { table: name, run, rows, columns } = profile;
    const cells = columns.map(profileCells);
    const lines = table([["column", "type", "empty", "distinct", "min", "max"], ...cells], 2);
    const tops = columns.flatMap((column) => (isTelling(column) ? [topText(column)] : []));
    const title = `table ${name} of run ${run}: ${counted(rows, "row", thousands(rows))}`;
    context.out(`${[title, ...lines, ...tops].join("\n")}\n`);
  }
  return EXIT.success;
}

const WIDEST = 40;

/** Text of a value in a table: printable, cut where it is long. */
export function valueCell(text: string | null): string {
  if (text === null) return "";
  const shown = text.replaceAll(/[\r\n\t]+/g, " ");
  return shown.length > WIDEST ? `${shown.slice(0, WIDEST - 1)}…` : shown;
}

export const distinctText = ({ distinct, isDistinctExact }: ColumnProfile): string =>
  `${isDistinctExact ? "" : "about "}${thousands(distinct)}`;

const profileCells = (column: ColumnProfile): readonly string[] => [
  column.name,
  column.type,
  column.empty === null ? "" : thousands(column.empty),
  distinctText(column),
  valueCell(column.min),
  valueCell(column.max),
];

/** Where every row has a value of its own, the most frequent ones say nothing. */
const isTelling = ({ top: [first], rows }: ColumnProfile): boolean =>
  first !== undefined && (first.rows > 1 || rows === 1);

function topText({ name, top, topError }: ColumnProfile): string {
  const values = top.map(({ value, rows }) => `${valueCell(value)} (${thousands(rows)})`);
  const bound = topError === 0 ? "" : `, each at most ${thousands(topError)} more`;
  return `most frequent in ${name}: ${values.join(", ")}${bound}`;
}
