// @ts-check

/**
 * Adds the tax to net prices. A row has one record for each rate that applies to its country, none when there is no rate.
 *
 * @typedef {{ readonly rates: Readonly<Record<string, readonly string[]>> }} Settings
 * @type {import("capillaries/processor").ProcessorModule<Settings>}
 */
const vat = {
  settings: {
    type: "object",
    required: ["rates"],
    additionalProperties: false,
    properties: {
      rates: {
        description: "country → percentages",
        type: "object",
        additionalProperties: { type: "array", items: { type: "string", pattern: "^\\d{1,2}$" } },
      },
    },
  },
  sourceFields: () => ["country", "net"],
  outputs: () => ({ rate: "int", gross: "decimal2" }),
  process({ rows, columns }, { rates }) {
    const row = [];
    const rate = [];
    const gross = [];
    for (let at = 0; at < rows; at += 1) {
      const net = cents(String(columns.net?.[at]));
      if (net < 0n) throw new RangeError(`a negative price: ${columns.net?.[at]}`);
      for (const percent of rates[String(columns.country?.[at])] ?? []) {
        row.push(at);
        rate.push(BigInt(percent));
        gross.push(money((net * (100n + BigInt(percent)) + 50n) / 100n));
      }
    }
    return { rows: row, columns: { rate, gross } };
  },
};

/** "12.5" → 1250n @param {string} text */
function cents(text) {
  const [whole = "0", rest = ""] = text.split(".");
  const size = BigInt(`${whole.replace("-", "")}${rest.padEnd(2, "0")}`);
  return text.startsWith("-") ? -size : size;
}

/** 1250n → "12.50" @param {bigint} value */
const money = (value) => `${value / 100n}.${String(value % 100n).padStart(2, "0")}`;

export default vat;
