import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

/** As it is defined: members sorted when JSON.stringify comes to them. */
const asDefined = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member === "bigint") return String(member);
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

test("members are in code unit order at every depth, whatever their names", () => {
  expect(canonicalJson({ b: [{ z: 1, a: 2n }], a: undefined, É: null, "10": 1, "9": 2 })).toBe(
    '{"9":2,"10":1,"b":[{"a":"2","z":1}],"É":null}',
  );
  const value = fc.anything({ withBigInt: true, maxDepth: 4 });
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), value),
      (members) => {
        expect(canonicalJson(members)).toBe(asDefined(members));
      },
    ),
  );
});
