import type { AttemptPlace, Piece } from "../tables.ts";
import { fileName } from "./file-name.ts";

const number = (value: number): string => value.toString(16).padStart(8, "0");

/** `t/<token>/…`: what one attempt wrote is one range of keys, which is what a sweep deletes. */
export const TOKENS = "t/";

export const tokenRange = (token: string): string => `${TOKENS}${fileName(token)}/`;

export function pieceKey(place: AttemptPlace, piece: Piece): string {
  const unit = `${fileName(place.phase)}/${number(place.unit)}`;
  const name = `${piece.kind}/${fileName(piece.name)}/${number(piece.part + 1)}/${number(piece.seq)}`;
  return `${tokenRange(place.token)}${unit}/${name}`;
}

/** Holds the length of a piece that was cut; such a piece has nothing under its own key. */
export const lengthKey = (piece: string): string => `${piece}+`;

export const segmentKey = (piece: string, segment: number): string => `${piece}#${number(segment)}`;
