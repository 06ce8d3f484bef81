/** As much text as a Go scanner takes for one number, well formed or not; sticky. */
export const NUMBER =
  /(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[bBoO][0-9_]*(?:\.[0-9_]*)?|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]*)?)i?/y;

const DIGITS = String.raw`\d(?:_?\d)*`;
const HEX = String.raw`[\da-fA-F](?:_?[\da-fA-F])*`;
const INT =
  /^(?:[1-9](?:_?\d)*|0(?:_?[0-7])*|0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+)$/;
const DECIMAL_FLOAT = new RegExp(
  String.raw`^(?:${DIGITS}\.(?:${DIGITS})?(?:[eE][+-]?${DIGITS})?|${DIGITS}[eE][+-]?${DIGITS}|\.${DIGITS}(?:[eE][+-]?${DIGITS})?)$`,
);
const HEX_FLOAT = new RegExp(
  String.raw`^0[xX](?:_?${HEX}(?:\.(?:${HEX})?)?|\.${HEX})[pP][+-]?${DIGITS}$`,
);

/** What the text is as a Go literal; undefined for a malformed number such as 08, 1e or 1__0. */
export function numberTextType(text: string): "int" | "float" | undefined {
  if (INT.test(text)) return "int";
  return DECIMAL_FLOAT.test(text) || HEX_FLOAT.test(text) ? "float" : undefined;
}
