import { expect, test } from "vitest";
import { rescue } from "./rescue.ts";

const isRange = (error: unknown): error is RangeError => error instanceof RangeError;
const fail = (error: Error) => (): string => {
  throw error;
};

test("results and expected errors are results, defects pass through", () => {
  expect(
    rescue(
      () => "fine",
      isRange,
      () => "rescued",
    ),
  ).toBe("fine");
  expect(rescue(fail(new RangeError("far")), isRange, ({ message }) => message)).toBe("far");
  expect(() => rescue(fail(new TypeError("odd")), isRange, () => "rescued")).toThrow("odd");
});
