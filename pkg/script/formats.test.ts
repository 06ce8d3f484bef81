import { expect, test } from "vitest";
import { writeFormatFault } from "./formats.ts";

test.each(["2006", "15:04", "MST", "-0700", "Z07:00", "PM", ".000", "002"])(
  "the layout %s shows a part of an instant, the zone being one",
  (layout) => {
    expect(writeFormatFault("datetime", layout)).toBeUndefined();
  },
);

test.each(["%Y-%m-%d", "yyyy", ""])("the layout %s shows nothing and is refused", (layout) => {
  expect(writeFormatFault("datetime", layout)).toContain("shows no part of a date");
});
