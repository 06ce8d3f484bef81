import { describe, expect, test } from "vitest";
import { readYaml, YamlSyntaxError } from "./read-yaml.ts";
import { plainValue } from "./tree.ts";

const valueOf = (text: string): unknown => plainValue(readYaml(text).tree);

describe("reading YAML", () => {
  test("words such as yes and no are strings, dates become instants as in the reference", () => {
    const { tree, dates } = readYaml(
      "a: yes\nb: no\nc: 2016-01-02\nd: '2016-01-02'\ne: true\nf: 0x1f\n",
    );
    expect(plainValue(tree)).toEqual({
      a: "yes",
      b: "no",
      c: "2016-01-02T00:00:00Z",
      d: "2016-01-02",
      e: true,
      f: 31,
    });
    expect(dates.map(({ path }) => path)).toEqual(["c"]);
  });

  test("anchors, aliases of values and keys, and merge keys are resolved", () => {
    const text = `
base: &base { type: int, mask: none }
name: &name shared
one: { <<: *base, type: string }
two: { <<: [*base, { extra: 1 }] }
three: *base
four: { *name : 4 }
five: { <<: 7 }
`;
    expect(valueOf(text)).toEqual({
      base: { type: "int", mask: "none" },
      name: "shared",
      one: { type: "string", mask: "none" },
      two: { type: "int", mask: "none", extra: 1 },
      three: { type: "int", mask: "none" },
      four: { shared: 4 },
      five: {},
    });
  });

  test("an unquoted reference is text and no flow map", () => {
    expect(valueOf("url: {dir}/a.csv\nlist: [ { one }, {two|string} ]\nset: { a: 1 }\n")).toEqual({
      url: "{dir}/a.csv",
      list: ["{ one }", "{two|string}"],
      set: { a: 1 },
    });
  });

  test("characters for private use in the file stay what they are", () => {
    expect(valueOf('a: "\uE000\uE001{x}"\n')).toEqual({ a: "\uE000\uE001{x}" });
  });

  test("an empty file is null", () => {
    expect(valueOf("")).toBeNull();
    expect(valueOf("a:\nb: ~\nc: [~]\n")).toEqual({ c: [null] });
  });

  test.each([
    ["a: [1\nb: 2\n", "not valid YAML"],
    ["a: 1\na: 2\n", "unique"],
    ["1: x\n", "the key 1 is not a string"],
    ["? [a]\n: x\n", "the key a map or list is not a string"],
    ["a: 1\n---\nb: 2\n", "a second document begins here"],
    ["a: *b\n", "there is no anchor b"],
    ["a: " + "[".repeat(200_000), "more than 200 levels of nesting"],
    ["a: " + "{b: ".repeat(9000), "more than 200 levels of nesting"],
    ["- ".repeat(200_000), "more than 200 levels of nesting"],
    ["a: &a [*a]\n", "too deeply nested"],
  ])("%j is refused", (text, message) => {
    expect(() => readYaml(text)).toThrow(YamlSyntaxError);
    expect(() => readYaml(text)).toThrow(message);
  });

  test("aliases that multiply are refused before they fill the memory", () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `  - &l${at + 1} [${`*l${at}, `.repeat(9)}*l${at}]`,
    );
    expect(() => readYaml(`list:\n  - &l0 [x]\n${levels.join("\n")}\n`)).toThrow(YamlSyntaxError);
  });
});

test("brackets one after another and lists below each other are not deep", () => {
  const text = `%YAML 1.2\n---\na: [${"[x], {y: 1}, ".repeat(300)}]\nb:\n${"  - - x\n".repeat(300)}`;
  const { a, b } = valueOf(text) as { a: unknown[]; b: unknown[] };
  expect([a.length, b.length]).toEqual([600, 300]);
});
