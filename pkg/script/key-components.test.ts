import { describe, expect, test } from "vitest";
import { parseIndex, parseOrder, type KeyFault, type KeyFields } from "./key-components.ts";

const FIELDS: KeyFields = new Map([
  ["id", "int"],
  ["who", "string"],
  ["at", "datetime"],
  ["odd", undefined],
]);

function faultsOf(text: string, parse: typeof parseIndex | typeof parseOrder): readonly KeyFault[] {
  const faults: KeyFault[] = [];
  expect(parse(text, FIELDS, (fault) => faults.push(fault))).toBeUndefined();
  return faults;
}

const refuse = (): never => {
  throw new Error("no fault is expected");
};

describe("index definitions", () => {
  test("components carry their modifiers, the last of a kind wins, short lengths are raised", () => {
    expect(
      parseIndex(
        " unique ( who ( ignore_case , 5 , desc , asc , 40,) , id(desc), at, )",
        FIELDS,
        refuse,
      ),
    ).toEqual({
      unique: true,
      components: [
        { field: "who", type: "string", descending: false, ignoreCase: true, length: 40 },
        { field: "id", type: "int", descending: true, ignoreCase: false },
        { field: "at", type: "datetime", descending: false, ignoreCase: false },
      ],
    });
    expect(parseIndex("non_unique(who(case_sensitive,5))", FIELDS, refuse)).toEqual({
      unique: false,
      components: [
        { field: "who", type: "string", descending: false, ignoreCase: false, length: 16 },
      ],
    });
  });

  test("names may have letters of any script, as output columns may", () => {
    const fields: KeyFields = new Map([
      ["größe", "int"],
      ["名2", "string"],
    ]);
    expect(parseOrder("größe(desc),名2", fields, refuse)).toMatchObject([
      { field: "größe", descending: true },
      { field: "名2", descending: false },
    ]);
  });

  test("no components and empty modifiers are legal", () => {
    expect(parseIndex("non_unique()", FIELDS, refuse)).toEqual({ unique: false, components: [] });
    expect(parseIndex("unique(id())", FIELDS, refuse)?.components).toHaveLength(1);
  });

  test("nothing is concluded about a field whose own type is wrong", () => {
    expect(parseIndex("unique(odd(ignore_case, 20))", FIELDS, refuse)?.components).toEqual([
      { field: "odd", type: "string", descending: false, ignoreCase: true, length: 20 },
    ]);
  });

  test.each([
    ["", "begins with unique("],
    ["unique", "must be followed by ("],
    ["unique(id", "a comma is expected, not the end"],
    ["unique(id) id", 'nothing may follow the closing ), not "id"'],
    ["unique(1)", 'a field name is expected, not "1"'],
    ["unique(id(()", 'a modifier is expected, not "("'],
    ["unique(who(desc asc))", 'a comma or ) is expected, not "asc"'],
    ["unique(who(1025))", "the length 1025 is above 1024"],
    ["unique(nobody)", "there is no field nobody"],
    ["unique(id(20))", "20 is for strings, and id is int"],
    ["unique(id(case_sensitive))", "case_sensitive is for strings, and id is int"],
    ["unique(who(down))", "there is no modifier down"],
    ["unique(id;)", 'a comma is expected, not ";"'],
  ])("%j is refused", (text, message) => {
    expect(faultsOf(text, parseIndex).map((fault) => fault.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });
});

describe("order expressions", () => {
  test("components are separated by commas", () => {
    expect(
      parseOrder("who(desc), id", FIELDS, refuse)?.map(({ field, descending }) => [
        field,
        descending,
      ]),
    ).toEqual([
      ["who", true],
      ["id", false],
    ]);
    expect(parseOrder("  ", FIELDS, refuse)).toEqual([]);
  });

  test("all faults are found at once, with places and the most likely word", () => {
    expect(faultsOf("idd, who(descc)", parseOrder)).toEqual([
      { message: "there is no field idd", at: 0, hint: "Did you mean id?" },
      { message: "there is no modifier descc", at: 9, hint: "Did you mean desc?" },
    ]);
  });
});
