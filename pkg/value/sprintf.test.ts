import { describe, expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { sprintf, type PrintArgument } from "#pkg/value";

const int = (value: bigint | number): PrintArgument => ({ kind: "int", value });
const length = (value: bigint): PrintArgument => ({ kind: "length", value });
const float = (value: number): PrintArgument => ({ kind: "float", value });
const string = (value: string): PrintArgument => ({ kind: "string", value });
const bool = (value: boolean): PrintArgument => ({ kind: "bool", value });
const month = (value: number): PrintArgument => ({ kind: "month", value });
const decimal: PrintArgument = { kind: "decimal2", value: { digits: 1234n, scale: 2 } };
const zone: PrintArgument = { kind: "zone", value: { name: "EST", offset: -18_000 } };
const datetime: PrintArgument = {
  kind: "datetime",
  value: { ns: 981_173_106_789_000_000n, offset: 0, zone: "UTC" },
};

describe("integers", () => {
  test.each([
    ["%5d|%-5d|%05d|%+d|% d", [42, 42, 42, 42, 42], "   42|42   |00042|+42| 42"],
    ["%05d|%.5d|%8.3d|%.0d|%5.0d|", [-42, 42, 7, 0, 0], "-0042|00042|     007||     |"],
    [
      "%x %X %#x %#X %o %#o %O %b %#b",
      [255, 255, 255, 255, 8, 8, 8, 5, 5],
      "ff FF 0xff 0XFF 10 010 0o10 101 0b101",
    ],
    ["%c|%3c|%c|%c", [65, 66, -1, 0xd800], "A|  B|\ufffd|\ufffd"],
    [
      "%U|%#U|%08U|%.6U|%#U|%#U",
      [65, 65, 65, 65, 1, 0xdfff],
      "U+0041|U+0041 'A'|  U+0041|U+000041|U+0001|U+DFFF",
    ],
    ["%q %q %+q", [39, 65, 233], "'\\'' 'A' '\\u00e9'"],
    ["%v %+v %s %f %t", [1, 1, 2, 2, 2], "1 1 %!s(int64=2) %!f(int64=2) %!t(int64=2)"],
    ["%+5z|%#O", [1, 8], "%!z(int64=   +1)|0o010"],
  ])("%s", (format, values, expected) => {
    expect(sprintf(format, values.map(int))).toBe(expected);
    expect(
      sprintf(
        format,
        values.map((value) => int(BigInt(value))),
      ),
    ).toBe(expected);
  });

  test("a length has its own name", () => {
    expect(sprintf("%d %s %T", [length(3n), length(3n), length(3n)])).toBe("3 %!s(int=3) int");
  });
});

describe("floats", () => {
  test.each([
    ["%f %.0f %.0f %.2f %.2f", [2.5, 2.5, 3.5, 2.675, -0.001], "2.500000 2 4 2.67 -0.00"],
    [
      "%6.2f|%-8.2f|%08.2f|%+.2f|% f",
      [3.25159, 3.25159, -3.25159, 3.25159, 1.5],
      "  3.25|3.25    |-0003.25|+3.25| 1.500000",
    ],
    [
      "%e %.2E %g %G %v",
      [123456.789, 123456.789, 1e6, 1e-5, 1e20],
      "1.234568e+05 1.23E+05 1e+06 1E-05 1e+20",
    ],
    [
      "%v %5.1f|%05.1f|% f|%+f|% f",
      [Infinity, -Infinity, NaN, Infinity, NaN, NaN],
      "+Inf  -Inf|  NaN| Inf|+NaN| NaN",
    ],
    ["%b %x %X %.1x", [1, 1.5, 1.5, 1.5], "4503599627370496p-52 0x1.8p+00 0X1.8P+00 0x1.8p+00"],
    [
      "%#g %#.3g %#g %#.0f %#.e %#x %#X %#b",
      [0.1, 0, 1e20, 3, 3, 1, 1, 1],
      "0.100000 0.00 1.00000e+20 3. 3.e+00 0x1.0000p+00 0X1.P+00 4503599627370496p-52",
    ],
    [
      "%#v %010v| %-08v| %+08.1f|%08.1f",
      [1e6, 1.5, 1.5, 1.5, 1.5],
      "1e+06 00000001.5| 1.5     | +00001.5|000001.5",
    ],
    [
      "%d %q %s %#z",
      [2.5, 1.5, 2, 2],
      "%!d(float64=2.5) %!q(float64=1.5) %!s(float64=2) %!z(float64=2.00000)",
    ],
    ["%v %F", [-0, 1], "-0 1.000000"],
  ])("%s", (format, values, expected) => {
    expect(sprintf(format, values.map(float))).toBe(expected);
  });
});

describe("strings", () => {
  test.each([
    [
      "%5s|%-5s|%.1s|%5s|%05s|%-05s|",
      ["ab", "ab", "ab", "é", "ab", "ab"],
      "   ab|ab   |a|    é|000ab|ab   |",
    ],
    [
      "%x|% x|%# x|%#X|%.2x|%8x|%5x|",
      ["hi", "hi", "hi", "hi", "日", "hi", ""],
      "6869|68 69|0x68 0x69|0X6869|e697|    6869|     |",
    ],
    [
      "%q %#q %#q %+q %.1q %05q",
      ["a", "b", "`", "é😀", "ab", "日"],
      '"a" `b` "`" "\\u00e9\\U0001f600" "a" 00"日"',
    ],
    ["%#v %v %d %t", ["a", "b", "c", "d"], '"a" b %!d(string=c) %!t(string=d)'],
    ["%#w %w", ["a", "b"], '%!w(string="a") %!w(string=b)'],
  ])("%s", (format, values, expected) => {
    expect(sprintf(format, values.map(string))).toBe(expected);
  });

  test("quoting escapes what cannot be seen", () => {
    const text = 'a"\\\x07\b\f\n\r\t\v\0\x7f\u0085\u{e0001}\u00a0';
    expect(sprintf("%q", [string(text)])).toBe(
      '"a\\"\\\\\\a\\b\\f\\n\\r\\t\\v\\x00\\x7f\\u0085\\U000e0001\\u00a0"',
    );
  });
});

describe("other kinds", () => {
  test("bools", () => {
    expect(
      sprintf("%t|%6t|%-6v|%06t|%s|%d", [true, true, false, true, true, false].map(bool)),
    ).toBe("true|  true|false |00true|%!s(bool=true)|%!d(bool=false)");
  });

  test("months are numbers with names", () => {
    const args = Array.from({ length: 8 }, () => month(3));
    expect(sprintf("%d %02d %s %.3v %x %q %#v %t", args)).toBe(
      '3 03 March Mar 4d61726368 "March" 3 %!t(time.Month=3)',
    );
  });

  test("decimals, datetimes and zones print their text", () => {
    expect(
      sprintf("%s|%v|%8s|%q|%.3s|%x|%#q", [
        decimal,
        decimal,
        decimal,
        decimal,
        decimal,
        decimal,
        decimal,
      ]),
    ).toBe('12.34|12.34|   12.34|"12.34"|12.|31322e3334|`12.34`');
    expect(sprintf("%.10s %v", [datetime, datetime])).toBe(
      "2001-02-03 2001-02-03 04:05:06.789 +0000 UTC",
    );
    expect(sprintf("%s %X", [zone, zone])).toBe("EST 455354");
  });

  test("a datetime as source is the call that makes it", () => {
    expect(sprintf("%#v", [datetime])).toBe(
      "time.Date(2001, time.February, 3, 4, 5, 6, 789000000, time.UTC)",
    );
    const west = { ...datetime, value: { ns: 0n, offset: -3600, zone: "" } } as PrintArgument;
    expect(sprintf("%#v", [west])).toBe(
      'time.Date(1969, time.December, 31, 23, 0, 0, 0, time.Location(""))',
    );
  });

  test("every kind has a type name", () => {
    const args = [int(1), float(1), string(""), bool(true), decimal, datetime, month(1), zone];
    expect(sprintf("%T %T %T %T %T %T %T %12.5T", args)).toBe(
      "int64 float64 string bool decimal.Decimal time.Time time.Month        *time",
    );
  });

  test("internals are never printed", () => {
    const uses: readonly (readonly [string, PrintArgument])[] = [
      ["%d", decimal],
      ["%.2f", decimal],
      ["%z", decimal],
      ["%#v", decimal],
      ["%5d", datetime],
      ["%p", zone],
    ];
    for (const [format, argument] of uses) {
      let code: unknown;
      try {
        sprintf(format, [argument]);
      } catch (error) {
        code = isFault(error) && error.code === "EXPRESSION_ROW" ? error.facts["code"] : error;
      }
      expect(code, format).toBe("E-type");
    }
  });
});

describe("formats", () => {
  test.each([
    ["bla", [1], "bla%!(EXTRA int64=1)"],
    ["%d", [1, 2, 3], "1%!(EXTRA int64=2, int64=3)"],
    ["%d %d", [1], "1 %!d(MISSING)"],
    ["100%", [1], "100%!(NOVERB)%!(EXTRA int64=1)"],
    ["%%", [1], "%%!(EXTRA int64=1)"],
    ["%d%%", [5], "5%"],
    ["%.", [1], "%!.(int64=1)"],
    ["%z%é", [1, 2], "%!z(int64=1)%!é(int64=2)"],
    ["%[2]d %[1]d", [1, 2], "2 1"],
    ["%[2]d %d", [1, 2], "2 %!d(MISSING)"],
    [
      "%[3]d|%[0]d|%[x]d|%[]d|%[99999999]d",
      [1, 2],
      "%!d(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)|%!d(BADINDEX)",
    ],
    ["%[1]5d|%[1].2d|%5[1]d", [42], "%!d(BADINDEX)|%!d(BADINDEX)|   42"],
    ["%[", [1], "%!(NOVERB)"],
    ["%[1", [1], "%!(NOVERB)"],
    ["%[]", [1], "%!](BADINDEX)"],
    ["%*d|%-*d|", [5, 42, 5, 42], "   42|42   |"],
    ["%*d|", [-5, 42], "42   |"],
    ["%[2]*[1]d|", [42, 5], "   42|"],
    ["%.[2]*[1]d|", [42, 5], "00042|"],
    ["%*d", [5], "%!d(MISSING)"],
    ["%*", [5], "%!(NOVERB)"],
    ["%d %*d", [5], "5 %!(BADWIDTH)%!d(MISSING)"],
    ["%*d", [2_000_000, 42], "%!(BADWIDTH)42"],
    ["%.*d", [-2, 42], "%!(BADPREC)42"],
    ["%.*d", [2_000_000, 42], "%!(BADPREC)42"],
    ["%99999999999d|", [42], "%!(NOVERB)%!(EXTRA int64=42)"],
    ["", [1], "%!(EXTRA int64=1)"],
    ["plain", [], "plain"],
  ])("%s of %j", (format, values, expected) => {
    expect(sprintf(format, values.map(int))).toBe(expected);
  });

  test("a star takes integers only", () => {
    expect(sprintf("%*d", [float(5), int(42)])).toBe("%!(BADWIDTH)42");
    expect(sprintf("%*d|%.*f", [length(5n), int(42), month(2), float(3.25159)])).toBe("   42|3.25");
  });

  test("the memory of formats is bounded", () => {
    for (let count = 0; count < 1001; count += 1) {
      expect(sprintf(`${count}:%d`, [int(count)])).toBe(`${count}:${count}`);
    }
  });
});
