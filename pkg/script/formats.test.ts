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

test.each([
  ["int", ["%d", "%05d|", "%d%%!(", "%[1]d %[1]x", "%T", "%c", "%#U", "%5%%d"]],
  ["float", ["%.2f", "%x", "%b", "%v"]],
  ["string", ["%q", "% x", "%.3s", "%T"]],
  ["bool", ["%t", "%6v"]],
  ["decimal2", ["%s", "%10s", "%T"]],
] as const)("formats of %s that print their value are right: %j", (type, formats) => {
  for (const format of formats) expect(writeFormatFault(type, format), format).toBeUndefined();
});

test.each([
  ["int", "%s", "%s does not fit int; write one verb like %d"],
  ["int", "%[2]d", "%[ does not fit int"],
  ["int", "%*d", "%* does not fit int"],
  ["int", "%d%", "2 verbs for one value"],
  ["int", "100%%", "shows no value"],
  ["float", "%d", "%d does not fit float"],
  ["bool", "%s", "%s does not fit bool"],
  ["decimal2", "%.2f", "%f does not fit decimal2; write one verb like %s"],
  ["string", "", "shows no value"],
  ["string", "%s %s", "2 verbs"],
] as const)("the format of %s %s is refused", (type, format, reason) => {
  expect(writeFormatFault(type, format)).toContain(reason);
});
