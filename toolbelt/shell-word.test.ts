import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test.each(["data", "/a/b-c_d.e:1", "my data", "it's $HOME", "`x`", "a\nb", ""])(
  "a shell reads %j as the text it was",
  (text) => {
    const printed = execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], {
      encoding: "utf8",
    });
    expect(printed).toBe(text);
  },
);

test("plain texts stay as they are", () => {
  expect(shellWord("vat=./vat.mjs")).toBe("vat=./vat.mjs");
});
