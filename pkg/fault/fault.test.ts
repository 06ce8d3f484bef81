import { expect, test } from "vitest";
import { asFault, Fault, fromRecord, onlyFault, toRecord, withoutTraces } from "#pkg/fault";

test("a fault survives its way through a record", () => {
  const fault = new Fault("USAGE", "no such flag", { facts: { flag: "x" }, retryable: true });
  expect(toRecord(fromRecord(toRecord(fault)))).toEqual(toRecord(fault));
  expect(fault.hint).toBe("See --help of the command.");
});

test("what was not raised on purpose becomes INTERNAL with the original as cause", () => {
  const error = new TypeError("odd");
  expect(asFault(error)).toMatchObject({ code: "INTERNAL", message: "odd", cause: error });
  expect(asFault("odd")).toMatchObject({ code: "INTERNAL", message: "odd" });
});

test("only a fault is taken for one; a defect goes on its way", () => {
  const fault = new Fault("USAGE", "no such flag", { hint: "Look again." });
  expect(onlyFault(fault)).toBe(fault);
  expect(asFault(fault)).toBe(fault);
  const defect = new TypeError("odd");
  expect(() => onlyFault(defect)).toThrow(defect);
});

test("faults about rows have no trace, and those raised later have one again", () => {
  const make = (): Fault => new Fault("USAGE", "no such flag");
  expect(withoutTraces(make).stack).not.toContain("    at ");
  const thrown = make();
  expect(() =>
    withoutTraces(() => {
      throw thrown;
    }),
  ).toThrow(thrown);
  expect(make().stack).toContain("    at ");
});
