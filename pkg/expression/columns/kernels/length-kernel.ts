import type { Kernel } from "./kernel.ts";

/** len(text) of texts that are the UTF-8 bytes of a column: the distance between two offsets. */
export const lengthKernel: Kernel = ([operand], rows) => {
  if (operand?.form !== "texts" || operand.column === undefined) return undefined;
  const { codes, offsets } = operand.column;
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const entry = codes === undefined ? row : (codes[row] as number);
    values[row] = (offsets[entry + 1] as number) - (offsets[entry] as number);
  }
  return { form: "ints", values };
};
