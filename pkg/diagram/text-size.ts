import type { Size } from "./layout-graph.ts";

/** Advance widths of Verdana for the characters from blank to tilde, in thousandths of the font size; wider fonts are rare. */
const WIDTHS = [
  352, 394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454, 636, 636, 636,
  636, 636, 636, 636, 636, 636, 636, 454, 454, 818, 818, 818, 545, 1000, 684, 686, 698, 771, 632,
  575, 775, 751, 421, 455, 693, 557, 843, 748, 787, 603, 787, 695, 684, 616, 732, 684, 989, 685,
  615, 685, 454, 454, 454, 818, 636, 636, 601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592,
  274, 973, 633, 607, 623, 623, 427, 521, 394, 633, 592, 818, 592, 592, 525, 635, 454, 635, 818,
];
const BLANK = 32;
/** Letters of other alphabets, and signs that fill a square. */
const OTHER = 720;
const SQUARE = 1000;
const FIRST_SQUARE = 0x2e80;
const BOLD = 1.14;
const LINE = 1.3;

export interface Font {
  readonly size: number;
  readonly bold: boolean;
}

export function textWidth(text: string, { size, bold }: Font): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    width += WIDTHS[code - BLANK] ?? (code < FIRST_SQUARE ? OTHER : SQUARE);
  }
  return (width * size * (bold ? BOLD : 1)) / 1000;
}

export const lineHeight = ({ size }: Font): number => size * LINE;

/** Lines below each other. */
export const textSize = (lines: readonly string[], font: Font): Size => ({
  width: Math.max(0, ...lines.map((line) => textWidth(line, font))),
  height: lines.length * lineHeight(font),
});
