import { NODE_CODES } from "#pkg/workflow";

/** Trees of reader tables, the biggest first (spec/workflow.md 13); repeats after ten. */
export const ROOT_COLORS: readonly string[] = [
  "#023EFF",
  "#FF7C00",
  "#1AC938",
  "#E8000B",
  "#8B2BE2",
  "#9F4800",
  "#F14CC1",
  "#A3A3A3",
  "#FFC400",
  "#00D7FF",
];

interface StatusLook {
  readonly svg: string;
  /** Names of Graphviz. */
  readonly dot: string;
}

const OTHER: StatusLook = { svg: "#2F4F4F", dot: "cyan" };

const LOOKS: ReadonlyMap<number, StatusLook> = new Map<number, StatusLook>([
  [NODE_CODES.none, { svg: "#FFFFFF", dot: "white" }],
  [NODE_CODES.start, { svg: "#63AFFA", dot: "lightblue" }],
  [NODE_CODES.success, { svg: "#4CCC93", dot: "green" }],
  [NODE_CODES.fail, { svg: "#F84143", dot: "red" }],
  [NODE_CODES.stopreceived, { svg: "#FBA141", dot: "orangered" }],
]);

/** Border, icon and, lighter, fill of a box. */
export const statusColor = (status: number): string => (LOOKS.get(status) ?? OTHER).svg;

export const dotStatusColor = (status: number): string => (LOOKS.get(status) ?? OTHER).dot;
