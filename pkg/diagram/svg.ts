import type { Script } from "#pkg/script";
import { xmlText } from "./escape.ts";
import { ICONS, type IconName } from "./icons.ts";
import { layOut, type PlacedLink } from "./layout.ts";
import type { Point, Size } from "./layout-graph.ts";
import {
  pictureOf,
  type DiagramOptions,
  type Picture,
  type PictureBox,
  type PictureLine,
} from "./picture.ts";
import { lineHeight, textSize, textWidth, type Font } from "./text-size.ts";

const NAME: Font = { size: 20, bold: true };
const TEXT: Font = { size: 16, bold: false };
const LABEL: Font = { size: 15, bold: false };
const ICON = 40;
const PADDING = 14;
const CORNER = 10;
const THICK = 5;

/** The diagram of a script as an SVG document, with the same bytes for the same script. */
export function toSvg(script: Script, options: DiagramOptions): string {
  const picture = pictureOf(script, options);
  const sizes = picture.boxes.map(sizeOf);
  const layout = layOut(
    sizes,
    picture.lines.map(({ from, to, label, isDashed }) => ({
      from,
      to,
      label: textSize(label, LABEL),
      isSecondary: isDashed,
    })),
  );
  const { width, height } = layout;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    "<title>Diagram of the script</title>",
    `<style>text{font-family:Verdana,"DejaVu Sans",sans-serif;white-space:pre}.name{font-size:${NAME.size}px;font-weight:bold}.text{font-size:${TEXT.size}px;fill:#333}.label{font-size:${LABEL.size}px}.icon{fill:none;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}.line{fill:none;stroke-width:1.5}</style>`,
    definitions(picture),
    ...picture.lines.map((line, at) => drawnLine(line, layout.links[at] as PlacedLink)),
    ...picture.boxes.map((box, at) => drawnBox(box, sizes[at] as Size, layout.boxes[at] as Point)),
    ...picture.lines.map((line, at) => drawnLabel(line, layout.links[at] as PlacedLink)),
    "</svg>",
    "",
  ].join("\n");
}

function sizeOf({ name, texts }: PictureBox): Size {
  const width = Math.max(textWidth(name, NAME), textSize(texts, TEXT).width);
  const height = lineHeight(NAME) + textSize(texts, TEXT).height;
  return {
    width: Math.ceil(width + ICON + 3 * PADDING),
    height: Math.ceil(Math.max(height, ICON) + 2 * PADDING),
  };
}

const number = (value: number): string => String(Math.round(value * 10) / 10);

/** White borders would not be seen: what has no status is drawn in grey. */
const stroke = (color: string): string => (color === "#FFFFFF" ? "#808080" : color);

function definitions({ boxes, lines }: Picture): string {
  const icons = [...new Set(boxes.map(({ icon }) => icon))].sort();
  const colors = [...new Set(lines.map(({ color }) => color))].sort();
  return ["<defs>", ...icons.map(drawnIcon), ...colors.map(arrow), "</defs>"].join("\n");
}

function drawnIcon(name: IconName): string {
  const { path, word } = ICONS[name];
  const text =
    word === ""
      ? ""
      : `<text x="24" y="33" text-anchor="middle" font-size="11" font-weight="bold" stroke="none" fill="currentColor">${word}</text>`;
  return `<symbol id="icon-${name}" viewBox="0 0 48 48"><path class="icon" stroke="currentColor" d="${path}"/>${text}</symbol>`;
}

const arrowId = (color: string): string => `arrow-${color.slice(1)}`;

const arrow = (color: string): string =>
  `<marker id="${arrowId(color)}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" fill="${color}"/></marker>`;

function drawnLine(line: PictureLine, { points }: PlacedLink): string {
  const dashes = line.isDashed ? ' stroke-dasharray="7 5"' : "";
  return `<path class="line" stroke="${line.color}"${dashes} marker-end="url(#${arrowId(line.color)})" d="${pathOf(points)}"/>`;
}

/** Straight where the line goes on upright, otherwise a curve that begins and ends upright. */
function pathOf(points: readonly Point[]): string {
  return points
    .map(({ x, y }, at) => {
      const before = points[at - 1];
      if (before === undefined) return `M${number(x)} ${number(y)}`;
      if (before.x === x) return `V${number(y)}`;
      const half = (before.y + y) / 2;
      return `C${number(before.x)} ${number(half)} ${number(x)} ${number(half)} ${number(x)} ${number(y)}`;
    })
    .join("");
}

function drawnLabel({ label, color }: PictureLine, placed: PlacedLink): string {
  if (label.length === 0) return "";
  const { width, height } = textSize(label, LABEL);
  const left = placed.label.x - width / 2;
  const top = placed.label.y - height / 2;
  const first = top + lineHeight(LABEL) * 0.8;
  const texts = label.map(
    (text, at) =>
      `<text class="label" x="${number(left)}" y="${number(first + at * lineHeight(LABEL))}" fill="${color}">${xmlText(text)}</text>`,
  );
  return `<g><title>${xmlText(label.join("\n"))}</title><rect x="${number(left - 3)}" y="${number(top)}" width="${number(width + 6)}" height="${number(height)}" fill="#fff"/>${texts.join("")}</g>`;
}

function drawnBox(box: PictureBox, { width, height }: Size, { x, y }: Point): string {
  const color = stroke(box.color);
  const shape = `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="${CORNER}"`;
  const isPlain = box.color === "#000000";
  const fill = isPlain ? "#fff" : box.color;
  const textX = x + ICON + 2 * PADDING;
  const nameY = y + PADDING + lineHeight(NAME) * 0.8;
  const firstY = y + PADDING + lineHeight(NAME) + lineHeight(TEXT) * 0.8;
  const texts = box.texts.map(
    (text, at) =>
      `<text class="text" x="${number(textX)}" y="${number(firstY + at * lineHeight(TEXT))}">${xmlText(text)}</text>`,
  );
  return [
    `<g><title>${xmlText(box.tooltip)}</title>`,
    `<rect ${shape} fill="#fff"/>`,
    `<rect ${shape} fill="${fill}" fill-opacity="${isPlain ? 1 : 0.3}" stroke="${color}" stroke-width="${box.isThick ? THICK : 1}"/>`,
    `<use href="#icon-${box.icon}" x="${number(x + PADDING)}" y="${number(y + (height - ICON) / 2)}" width="${ICON}" height="${ICON}" color="${color}"/>`,
    `<text class="name" x="${number(textX)}" y="${number(nameY)}">${xmlText(box.name)}</text>`,
    ...texts,
    "</g>",
  ].join("");
}
