import { expect, test } from "vitest";
import { takeProcessors } from "./arguments.ts";

test("--processor is taken from anywhere before --, in both spellings; the last of a name wins", () => {
  const args = ["run", "--processor", "a=1.mjs", "x", "--processor=b=2.mjs", "--processor=a=3.mjs"];
  expect(takeProcessors([...args, "--", "--processor"])).toEqual({
    rest: ["run", "x", "--", "--processor"],
    processors: { a: "3.mjs", b: "2.mjs" },
  });
  expect(takeProcessors(["check", "x"])).toEqual({ rest: ["check", "x"], processors: {} });
});

test.each([[["--processor"]], [["--processor", "vat"]], [["--processor==a.mjs"]]])(
  "%s is misuse",
  (args) => {
    expect(() => takeProcessors(args)).toThrow(expect.objectContaining({ code: "USAGE" }) as Error);
  },
);
