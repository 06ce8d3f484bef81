import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonSyntaxError, readJson } from "./read-json.ts";
import { plainValue, type Tree } from "./tree.ts";

const failure = (text: string): JsonSyntaxError => {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
};

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
};

describe("reading JSON", () => {
  test("any JSON value reads as JSON.parse reads it, nulls in maps left out", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(plainValue(readJson(text).tree)).toEqual(withoutNulls(JSON.parse(text)));
      }),
    );
  });

  test("what JSON.parse refuses is refused, and the other way round", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"',
      "\\",
      "1",
      "-",
      ".5",
      "true",
      "nul",
      " ",
      "\n",
      "\t",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (chosen) => {
        const text = chosen.join("");
        let isValid = true;
        try {
          JSON.parse(text);
        } catch {
          isValid = false;
        }
        if (isValid) expect(() => readJson(text)).not.toThrow();
        else expect(failure(text)).toBeInstanceOf(JsonSyntaxError);
      }),
      { numRuns: 2000 },
    );
  });

  test("every value knows where it begins and how it is reached", () => {
    const text = '{ "a": [1, {"b": "x"}] }';
    const places: string[] = [];
    const collect = (tree: Tree): void => {
      places.push(`${tree.path}@${tree.offset}`);
      if (tree.kind === "list") tree.items.forEach(collect);
      if (tree.kind === "map") for (const { value } of tree.entries.values()) collect(value);
    };
    collect(readJson(text).tree);
    expect(places).toEqual(["@0", "a@7", "a[0]@8", "a[1]@11", "a[1].b@17"]);
  });

  test("the last of two equal keys wins and the second is reported", () => {
    const { tree, duplicates } = readJson('{"a": 1, "b": 2, "a": 3}');
    expect(plainValue(tree)).toEqual({ b: 2, a: 3 });
    expect(duplicates).toEqual([{ offset: 17, path: "a" }]);
  });

  test.each([
    ["", "a value is expected, the file ends here", 0],
    ["{'a': 1}", 'a key in double quotes is expected, found "\'"', 1],
    ['{"a" 1}', 'a colon is expected after the key "a", found "1"', 5],
    ["[1 2]", 'a comma or ] is expected, found "2"', 3],
    ["[1,]", 'a value is expected, found "]"', 3],
    ["{} x", 'nothing may follow the end of the value, found "x"', 3],
    ["[01]", 'a comma or ] is expected, found "1"', 2],
    ["[nil]", 'a value is expected, found "n"', 1],
    [
      '"a\nb"',
      "the string does not end on its line; line ends and control characters are escaped",
      2,
    ],
    ['"a\\q"', "unknown escape in a string", 2],
    ["[".repeat(300), "more than 200 levels of nesting", 200],
  ])("%j is refused at the place of the fault", (text, message, offset) => {
    const error = failure(text);
    expect(error.message).toContain(message);
    expect(error.offset).toBe(offset);
  });
});
