export { toDot } from "./dot.ts";
export type { DiagramOptions } from "./picture.ts";
export { toSvg } from "./svg.ts";
