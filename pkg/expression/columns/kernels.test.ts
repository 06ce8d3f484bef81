import { compileExpression, type CompiledExpression } from "#pkg/expression";
import { isExact, valueAt, vectorFrom, type Vector } from "#pkg/rowset";
import { decimalToText, type Decimal, type FieldType, type Value } from "#pkg/value";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ["i", "int"],
  ["j", "int"],
  ["f", "float"],
  ["d", "decimal2"],
  ["e", "decimal2"],
  ["s", "string"],
  ["z", "string"],
  ["b", "bool"],
  ["t", "datetime"],
  ["v", "datetime"],
]);

function compile(text: string, place: "field" | "condition" = "field"): CompiledExpression {
  return compileExpression(text, { place, typeOf: (_, name) => FIELDS.get(name) });
}

const plain = (value: Value): string =>
  typeof value === "object" && "digits" in value
    ? decimalToText(value)
    : Object.is(value, -0)
      ? "-0"
      : `${value as number}`;

/** Columns and single rows must agree. Answers the column. */
function agree(compiled: CompiledExpression, columns: readonly (readonly Value[])[]): Vector {
  const rows = columns[0]?.length ?? 0;
  const inputs = columns.map((values, at) =>
    vectorFrom(compiled.inputTypes[at] as FieldType, values),
  );
  const vector = compiled.evaluateColumns(inputs, rows);
  const found = Array.from({ length: rows }, (_, row) => plain(valueAt(vector, row)));
  const wanted = Array.from({ length: rows }, (_, row) =>
    plain(compiled.evaluate(columns.map((values) => values[row] as Value))),
  );
  expect(found).toEqual(wanted);
  return vector;
}

const cents = (digits: number | bigint): Decimal => ({ digits: BigInt(digits), scale: 2 });

describe("decimal kernels", () => {
  const product = compile("r.d * decimal2(r.f)");
  const quotient = compile("r.d / r.e");

  test("products with floats of few digits stay in hundredths, halves away from zero", () => {
    const prices = [1, 3, 5, 15, -15, 25, 199, 100, -1].map(cents);
    const rates = [0.5, 0.5, 0.1, 0.1, 0.1, 0.5, 0.285, -0.125, 0.0001];
    const vector = agree(product, [prices, rates]);
    expect(isExact(vector)).toBe(false);
  });

  test("products and quotients equal exact arithmetic for any hundredths and doubles", () => {
    const digits = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.maxSafeInteger());
    const rate = fc.oneof(
      fc.integer({ min: -10_000, max: 10_000 }).map((value) => value / 1000),
      fc.integer({ min: -100, max: 100 }).map((value) => 1 - value / 100),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
    );
    const row = fc.tuple(
      digits,
      rate,
      digits.filter((value) => value !== 0),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const left = rows.map(([one]) => cents(one));
        agree(product, [left, rows.map(([, one]) => one)]);
        agree(quotient, [left, rows.map(([, , one]) => cents(one))]);
      }),
      { numRuns: 300 },
    );
  });

  test("an estimate near a half is decided exactly", () => {
    const tie = 0.1 + 0.2;
    agree(product, [
      [cents(5), cents(15), cents(-5), cents(5_000_000_000)],
      [tie, tie, tie, tie],
    ]);
    const thirds = [1, 2, 5, 10, -5].map(cents);
    agree(quotient, [thirds, [3, 300, 1000, 2000, 1000].map(cents)]);
  });

  test("products beyond safe integers, zero divisors and huge quotients are left to exact arithmetic", () => {
    agree(product, [[cents(Number.MAX_SAFE_INTEGER)], [99_999.123456789]]);
    agree(compile("r.d * r.e"), [[cents(2n ** 50n)], [cents(2n ** 50n)]]);
    agree(compile("r.d / r.e"), [[cents(Number.MAX_SAFE_INTEGER)], [cents(1)]]);
    expect(() => agree(quotient, [[cents(1)], [cents(0)]])).toThrow(/zero/);
  });

  test("different scales meet at the larger one", () => {
    const values = [cents(199), cents(-1), cents(0)];
    for (const text of ["r.d + decimal2(r.i)", "decimal2(r.i) - r.d"]) {
      agree(compile(text), text.startsWith("r") ? [values, [1n, 2n, 3n]] : [[1n, 2n, 3n], values]);
    }
    agree(compile('r.d + decimal2("0.005")'), [values]);
    agree(compile('r.d * decimal2("0.005")', "condition"), [values]);
    agree(compile("decimal2(r.f) + decimal2(0)"), [[0.5, 0.25, -0.125]]);
    agree(compile("decimal2(r.f)"), [[0.1 + 0.2, 1, 2]]);
    agree(compile("decimal2(r.f) == decimal2(1)", "condition"), [[0.1 + 0.2, 1, 1e15]]);
    agree(compile("r.d > r.i"), [
      [cents(2n ** 53n - 1n), cents(1)],
      [2n ** 52n, 0n],
    ]);
    agree(compile("decimal2(r.i)"), [[2n ** 52n, 1n]]);
    agree(compile("decimal2(r.f) * r.d"), [
      [0.1, 0.2],
      [cents(1), cents(2)],
    ]);
    agree(compile("decimal2(r.f) * decimal2(r.f)"), [[0.1, 0.25]]);
    agree(compile("decimal2(r.f) * decimal2(r.f)"), [[1 / 3, 0.25]]);
    agree(compile('decimal2(r.i) + decimal2("0.0000000000000001")'), [[1n]]);
    agree(compile('(r.d + decimal2("0.0000000001")) * decimal2("0.0000000001")', "condition"), [
      [cents(1)],
    ]);
    agree(compile('r.d - decimal2("90071992547409.915")'), [[cents(90_071_992_547_409n)]]);
    agree(compile('r.d + decimal2("0.001")'), [[cents(900_719_925_474_099n), cents(1)]]);
    agree(compile("r.d * decimal2(r.f)"), [
      [cents(2n ** 60n), cents(1)],
      [0.5, 1 / 3],
    ]);
  });
});

describe("int kernels", () => {
  test.each(["+", "-", "*", "/", "%"])(
    "r.i %s r.j wraps at 64 bits and has no negative zero",
    (operator) => {
      const edge = [0n, 1n, -1n, 7n, -7n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n];
      const pairs = edge.flatMap((left) =>
        edge.filter((right) => right !== 0n).map((right) => [left, right] as const),
      );
      const compiled = compile(`r.i ${operator} r.j`);
      for (const [left, right] of pairs)
        agree(compiled, [
          [left, 1n],
          [right, 1n],
        ]);
      const small = pairs.filter(([left, right]) => left * left < 100n && right * right < 100n);
      agree(compiled, [small.map(([left]) => left), small.map(([, right]) => right)]);
    },
  );

  test("conversions keep ints in doubles while they are safe", () => {
    agree(compile("int(r.f)"), [[1.9, -1.9, -0.5, 2 ** 53 - 1]]);
    agree(compile("int(r.f)"), [[NaN, Infinity, 2 ** 63, -1]]);
    agree(compile("decimal2(r.d)"), [[cents(2n ** 60n), cents(1)]]);
    agree(compile("int(r.d)"), [[199, -199, 99, 0].map(cents)]);
    agree(compile('int(r.d + decimal2("0.00000000000000001"))', "condition"), [[cents(100)]]);
    agree(compile("int(r.b) + int(r.i)"), [
      [true, false],
      [1n, 2n],
    ]);
    agree(compile("int(int(r.s))"), [["1", "9223372036854775807"]]);
    agree(compile("float(r.b) + float(r.d) + r.i"), [
      [true, false],
      [cents(110), cents(-5)],
      [1n, 2n ** 60n],
    ]);
    agree(compile("float(r.i)"), [[2n ** 60n + 1n]]);
    agree(compile("decimal2(r.b) + decimal2(len(r.s))"), [
      [true, false],
      ["a", "héllo"],
    ]);
    agree(compile("math.Round(r.f) + math.Sqrt(r.i)"), [
      [2.5, -2.5, -0.4],
      [4n, 2n, 9n],
    ]);
    agree(compile("math.Sqrt(r.i)"), [[2n ** 62n]]);
    agree(compile("-r.i"), [[0n, 5n, -(2n ** 63n)]]);
    agree(compile("-r.f * 0.0"), [[0, -1]]);
    agree(compile("r.b == true != r.b"), [[true, false]]);
  });
});

describe("texts", () => {
  test("expressions on a dictionary are evaluated once per entry that a row uses, and keep its codes", () => {
    const names = ["x-1", "y", "x-1", "y", "x-1"];
    const vector = agree(compile('strings.ReplaceAll(r.s, "-", "") + "!"'), [names]);
    expect(vector.type).toBe("string");
  });

  test("comparison alters quotes differently on the left and on the right", () => {
    const values = ["abc", '"abc"', 'a\\"b', "", "b"];
    for (const text of [
      'r.s == "abc"',
      '"abc" == r.s',
      'r.s < "b"',
      "r.s == r.s",
      "r.s >= r.s",
      '`a\\"b` != r.s',
    ]) {
      agree(compile(text), [values]);
    }
  });
});

describe("time.Format", () => {
  test.each([
    "2006-01-02",
    "2006-01-02 15",
    "15:04",
    "3PM",
    "05",
    ".000",
    "05.999",
    "MST",
    "plain",
    "Monday 002 pm",
  ])("layout %s prints the same text as on single rows", (layout) => {
    const day = 86_400_000;
    const moments = [
      0,
      1,
      999,
      1000,
      60_000,
      3_600_000,
      13 * 3_600_000,
      day,
      day - 1,
      -1,
      1e12,
      1e12 + 1,
      -6e13,
    ];
    const values = moments.map((ms) => ({ ns: BigInt(ms) * 1_000_000n, offset: 0, zone: "UTC" }));
    agree(compile(`time.Format(r.t, \`${layout}\`)`), [[...values, ...values]]);
    agree(compile(`time.Format(r.t, \`${layout}\`)`), [values.slice(0, 5)]);
  });

  test("a layout from data and instants with zones are printed row by row", () => {
    const zoned = { ns: 5n, offset: 3600, zone: "X" };
    agree(compile("time.Format(r.t, r.s)"), [
      [zoned, zoned],
      ["15", "MST"],
    ]);
    agree(compile("time.Format(r.t, `15 MST`)"), [[zoned, zoned]]);
  });

  test("texts kept from batch to batch are limited in number", () => {
    const compiled = compile("time.Format(r.t, `05`)");
    for (const start of [0, 1]) {
      const values = Array.from({ length: 100_002 }, (_, at) => (start * 100_002 + at) * 1000);
      const vector = compiled.evaluateColumns(
        [{ type: "datetime", values: Float64Array.from(values) }],
        values.length,
      );
      expect(valueAt(vector, 61)).toBe(start === 0 ? "01" : "43");
    }
  });
});

describe("times", () => {
  test("instants compare, subtract and count like single rows", () => {
    const at = (ms: bigint, extra = 0n) => ({
      ns: ms * 1_000_000n + extra,
      offset: 0,
      zone: "UTC",
    });
    const left = [at(0n), at(-1n), at(1500n), at(-62_135_596_800_000n)];
    const right = [at(1n), at(-1n), at(0n), at(253_402_300_799_999n)];
    for (const text of [
      "time.DiffMilli(r.t, r.v)",
      "time.DiffMilli(r.v, r.t)",
      "time.Before(r.t, r.v)",
      "time.After(r.t, r.v)",
      "r.t == r.v",
    ]) {
      agree(compile(text), text.includes("r.v, r.t") ? [right, left] : [left, right]);
    }
    agree(compile("string(time.Unix(r.t)) + string(time.UnixMilli(r.t))"), [left]);
    agree(compile("time.Unix(r.t) + time.UnixMilli(r.t)"), [[at(0n, 1n), at(-1n, 1n)]]);
    agree(compile("time.DiffMilli(r.t, r.v)"), [[at(0n, 1n)], [at(0n)]]);
    agree(compile("r.t > time.Date(2001, time.March, 1, 0, 0, 0, 1, time.UTC)"), [left]);
    agree(compile("r.t > time.Date(2001, time.March, 1, 0, 0, 0, 0, time.UTC)"), [left]);
  });
});

describe("choices", () => {
  test.each([
    [
      "int.iif(r.b, r.i, 7)",
      [
        [true, false, true],
        [1n, 2n, 3n],
      ],
    ],
    [
      "int.iif(r.b, r.i, 7)",
      [
        [true, false, true],
        [1n, 2n ** 62n, 3n],
      ],
    ],
    [
      "float.iif(r.b, r.f, 0.5)",
      [
        [true, false, true],
        [1, 2, 3],
      ],
    ],
    ["decimal2.iif(r.b, r.d, decimal2(1))", [[true, false, true], [1, 2, 3].map(cents)]],
    ["decimal2.iif(r.b, r.d, r.e)", [[true, false], [1, 2].map(cents), [3, 4].map(cents)]],
    [
      "string.iif(r.b, r.s, `no`)",
      [
        [true, false, true],
        ["a", "b", "a"],
      ],
    ],
    [
      "string.iif(r.b, `yes`, r.s)",
      [
        [true, false, true],
        ["a", "b", "a"],
      ],
    ],
    [
      "string.iif(r.b, `yes`, string(r.i) + string(r.f))",
      [
        [true, false],
        [1n, 2n],
        [1, 2],
      ],
    ],
  ] as const)("%s", (text, columns) => {
    agree(compile(text), columns);
  });
});

describe("distinct values", () => {
  test("functions of a number column give the same results for few and for many distinct values", () => {
    const compiled = compile("string(r.f)");
    agree(compiled, [Array.from({ length: 5000 }, (_, at) => at % 700)]);
    agree(compiled, [Array.from({ length: 3000 }, (_, at) => at / 7)]);
    agree(compiled, [[0, -0, NaN, NaN, Infinity, -0]]);
    agree(compile("string(r.d) + string(r.i)"), [[1, 2, 1].map(cents), [1n, 1n, 1n]]);
    agree(compile("string(decimal2(r.f))"), [[0.5, 1 / 3, 0.5]]);
    agree(compile("string(r.t)"), [
      [0n, 1n, 0n].map((ms) => ({ ns: ms * 1_000_000n, offset: 0, zone: "UTC" })),
    ]);
  });
});

describe("dictionaries", () => {
  const entries = Array.from({ length: 500 }, (_, at) => `entry-${at}`);
  const wide = vectorFrom("string", entries);
  const few = { ...wide, codes: Int32Array.of(7, 7, 3) } as Vector;

  test("a few rows of a large dictionary are worked on row by row", () => {
    const results = (text: string): readonly Value[] => {
      const compiled = compile(text);
      const inputs = compiled.inputs.map(({ name }) =>
        name === "s" ? few : vectorFrom("bool", [true, false, true]),
      );
      const vector = compiled.evaluateColumns(inputs, 3);
      return [0, 1, 2].map((row) => valueAt(vector, row));
    };
    expect(results('r.s == "entry-7"')).toEqual([true, true, false]);
    expect(results('strings.ReplaceAll(r.s, "entry", "e")')).toEqual(["e-7", "e-7", "e-3"]);
    expect(results("string.iif(r.b, r.s, `no`)")).toEqual(["entry-7", "no", "entry-3"]);
    expect(results("string.iif(r.s == `entry-3` || len(r.s) == 0, r.s, r.s)")).toEqual([
      "entry-7",
      "entry-7",
      "entry-3",
    ]);
  });

  test("where a branch fails on other rows, only its own rows are evaluated", () => {
    const compiled = compile("int.iif(r.b, int(r.s), 0)");
    const texts = ["1", "x", "3"];
    agree(compiled, [[true, false, true], texts]);
    agree(compile("r.b && int(r.s) == 3 || r.d / r.e == decimal2(1)"), [
      [true, false, true],
      texts,
      [1, 2, 3].map(cents),
      [1, 2, 4].map(cents),
    ]);
    const boxed = { digits: 1005n, scale: 3 };
    agree(compile("decimal2.iif(r.b, r.d / r.e, r.d)"), [
      [true, false, true],
      [boxed, boxed, boxed],
      [cents(1), cents(0), cents(2n ** 60n)],
    ]);
    agree(compile("int.iif(r.b, r.i / r.j, r.j)"), [
      [true, false],
      [2n ** 60n, 1n],
      [1n, 0n],
    ]);
    agree(compile("float.iif(time.Parse(`2006`, r.s) > r.t, r.f, 0.5)"), [
      ["2001", "2002"],
      [0n, 1n].map((ms) => ({ ns: ms * 10n ** 18n * 2n, offset: 0, zone: "UTC" })),
      [1.5, 2.5],
    ]);
  });

  test("constants are constant columns, also those that no column form holds", () => {
    agree(compile('decimal2("1.005") + 0'), []);
    for (const text of [
      'decimal2("1.005")',
      "1",
      "`x`",
      "time.Date(1, time.May, 1, 0, 0, 0, 1, time.UTC)",
    ]) {
      const vector = compile(text).evaluateColumns([], 2);
      expect(plain(valueAt(vector, 1))).toBe(plain(compile(text).evaluate([])));
    }
  });

  test("failures of formats and patterns from data name the row and the offset", () => {
    const compiled = compile("fmt.Sprintf(r.s, r.d)");
    expect(() =>
      agree(compiled, [
        ["%s", "%d"],
        [cents(1), cents(2)],
      ]),
    ).toThrow(
      expect.objectContaining({
        facts: expect.objectContaining({ code: "E-type", offset: 0, row: 1 }) as object,
      }) as Error,
    );
  });
});

describe("corners of columnar evaluation", () => {
  test("no rows give an empty column of the kind", () => {
    for (const [text, type] of [
      ["r.i + 1", "int"],
      ["r.s", "string"],
    ] as const) {
      const compiled = compile(text);
      const vector = compiled.evaluateColumns([vectorFrom(type, [])], 0);
      expect(isExact(vector)).toBe(false);
    }
  });

  test("a constant on the left decides for all rows, or leaves it to the right side", () => {
    for (const text of ["true && r.b", "false && r.b", "true || r.b", "false || r.b"])
      agree(compile(text, "condition"), [[true, false]]);
  });

  test("a choice whose condition is constant takes one side for all rows", () => {
    for (const text of ["int.iif(1 < 2, r.i, r.j)", "int.iif(2 < 1, r.i, r.j)"])
      agree(compile(text), [
        [1n, 2n],
        [3n, 4n],
      ]);
  });

  test("a constant text stands on either side of a comparison", () => {
    const texts = ["abc", "b", "", "xyz"];
    for (const text of ['"b" < r.s', 'r.s <= "b"', '"b" == "b" && r.s != "b"'])
      agree(compile(text, "condition"), [texts]);
  });

  test("texts that are made from few entries and from many are the same texts", () => {
    const few = Array.from({ length: 40 }, (_, at) => `k${at % 3}`);
    const many = Array.from({ length: 40 }, (_, at) => `k${at}`);
    for (const texts of [few, many]) {
      agree(compile('r.s + "-x"'), [texts]);
      agree(compile('strings.ReplaceAll(r.s, "k", "")'), [texts]);
      agree(compile("len(r.s) > 2", "condition"), [texts]);
    }
    agree(compile('strings.ReplaceAll(r.s, "a", "")'), [
      few.map((text, at) => `${text}${"a".repeat(at % 4)}`),
    ]);
  });

  describe("a side that fails on every row and that no row takes", () => {
    const never = "1 / (r.j - r.j)";
    const [taken, others] = [
      [1n, 2n],
      [3n, 4n],
    ];

    test.each([
      ["instants", `time.iif(r.i > 0, r.t, time.Parse(\`x\`, string(r.j)))`],
      ["texts", `string.iif(r.i > 0, r.s, string(${never}))`],
    ])("leaves %s as they are", (_, text) => {
      const moments = [1n, 2n].map((ms) => ({ ns: ms * 1_000_000n, offset: 0, zone: "UTC" }));
      const other = text.startsWith("time") ? moments : ["b", "a"];
      agree(compile(text), [taken, other, others]);
    });

    test("leaves a constant, which decides alone or not at all", () => {
      const yes = `string.iif(r.i > 0, "yes", string(${never})) == "yes"`;
      const no = `!(${yes})`;
      const columns = [taken, others];
      const root = `math.Sqrt(float.iif(r.i > 0, 4.0, float(${never}))) > 1.0`;
      for (const text of [yes, no, root, `int.iif(${yes}, r.i, r.j)`, `int.iif(${no}, r.i, r.j)`])
        agree(compile(text), columns);
      for (const text of [`${yes} && r.b`, `${yes} || r.b`, `${no} && r.b`, `${no} || r.b`])
        agree(compile(text), [...columns, [true, false]]);
    });
  });

  test("lengths of texts are their bytes in UTF-8, of plain texts, of a dictionary, and where others fail", () => {
    const words = fc.array(fc.string({ unit: "grapheme", maxLength: 4 }), { minLength: 1 });
    const length = compile("int(len(r.s)) * 2");
    const guarded = compile("r.i != 0 && len(r.s) / r.i > 1", "condition");
    fc.assert(
      fc.property(words, (texts) => {
        agree(length, [texts]);
        agree(length, [[...texts, ...texts.toReversed()]]);
        agree(guarded, [texts.map((text) => BigInt(text.length % 2)), texts]);
      }),
    );
  });

  test("two large dictionaries that are chosen from give few texts", () => {
    const entries = (letter: string) => Array.from({ length: 100 }, (_, at) => `${letter}${at}`);
    const column = (letter: string) =>
      ({
        ...vectorFrom("string", entries(letter)),
        codes: Int32Array.of(5, 6, 7, 8, 9, 10, 11, 12, 13),
      }) as Vector;
    const compiled = compile("string.iif(r.b, r.s, r.z)");
    const mask = Array.from({ length: 9 }, (_, row) => row % 2 === 0);
    const vector = compiled.evaluateColumns(
      [vectorFrom("bool", mask), column("s"), column("z")],
      mask.length,
    );
    expect(mask.map((_, row) => valueAt(vector, row))).toEqual(
      mask.map((taken, row) => `${taken ? "s" : "z"}${row + 5}`),
    );
  });

  test("constants beyond safe integers and moments between milliseconds are left to single rows", () => {
    agree(compile("r.i < 9223372036854775807", "condition"), [[1n, 2n]]);
    agree(compile('r.d < decimal2("90071992547409930000")', "condition"), [[cents(1)]]);
    agree(
      compile(
        'r.t < time.Date(2001, time.January, 1, 0, 0, 0, 1, time.FixedZone("", 0))',
        "condition",
      ),
      [[{ ns: 0n, offset: 0, zone: "UTC" }]],
    );
    agree(compile('float(decimal2("1.00000000000000000000000001")) + r.f'), [[1, 2]]);
  });
});
