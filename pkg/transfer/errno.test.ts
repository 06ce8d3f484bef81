import { expect, test } from "vitest";
import { Fault } from "#pkg/fault";
import { readFault, writeFault } from "./errno.ts";

const system = (code: string): Error => Object.assign(new Error(`${code}: something`), { code });

test.each([
  ["ENOENT", "FILE_MISSING", "it does not exist"],
  ["ENOTDIR", "FILE_MISSING", "a part of its path is not a folder"],
  ["EACCES", "FILE_UNREADABLE", "permission denied"],
  ["EISDIR", "FILE_UNREADABLE", "it is a folder"],
  ["EIO", "FILE_UNREADABLE", "EIO: something"],
])("%s while reading is %s: %s", (errno, code, reason) => {
  const fault = readFault("a.csv", system(errno));
  expect(fault).toMatchObject({
    code,
    retryable: false,
    message: `cannot read a.csv: ${reason}`,
    facts: { url: "a.csv" },
  });
});

test.each([
  ["ENOSPC", "TARGET_FULL", "no space is left on the device"],
  ["EDQUOT", "TARGET_FULL", "the disk quota is used up"],
  ["ENOENT", "TARGET_UNWRITABLE", "its folder is missing and cannot be made"],
  ["EACCES", "TARGET_UNWRITABLE", "permission denied"],
  ["EROFS", "TARGET_UNWRITABLE", "the file system is read-only"],
  ["ENAMETOOLONG", "TARGET_UNWRITABLE", "its name is too long"],
])("%s while writing is %s: %s", (errno, code, reason) => {
  const fault = writeFault("a.csv", system(errno));
  expect(fault).toMatchObject({ code, retryable: false, message: `cannot write a.csv: ${reason}` });
});

test("too many open files pass by themselves", () => {
  expect(readFault("a.csv", system("EMFILE")).retryable).toBe(true);
  expect(writeFault("a.csv", system("ENFILE")).retryable).toBe(true);
});

test("Faults pass, other errors keep their message and are the cause", () => {
  const fault = new Fault("ACCESS_DENIED", "no");
  expect(readFault("a", fault)).toBe(fault);
  expect(writeFault("a", fault)).toBe(fault);
  const bug = new TypeError("bug");
  expect(readFault("a", bug)).toMatchObject({ message: "cannot read a: bug", cause: bug });
  expect(readFault("a", "text").message).toBe("cannot read a: text");
});
