import { textsOf, type StringColumn } from "#pkg/rowset";
import type { TextOperand } from "./operand.ts";

/** The rows of a column. Much of what is done with texts needs none decoded: passing them on, their lengths. */
export const textOperand = (column: StringColumn): TextOperand => ({
  form: "texts",
  codes: column.codes,
  get texts() {
    return textsOf(column);
  },
  column,
});
