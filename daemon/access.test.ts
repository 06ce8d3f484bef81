import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { everything } from "#pkg/security";
import { accessPolicy } from "./access.ts";

test("without settings runs may do what the user of the worker may", async () => {
  expect(await accessPolicy({}, "/")).toEqual(everything);
});

test("folders are taken as they really lie, relative ones from the folder of the worker", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "capillaries-access-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "in"));
  symlinkSync(join(folder, "in"), join(folder, "link"));
  const policy = await accessPolicy({ readRoots: ["link"], writeRoots: [], code: false }, folder);
  expect(policy).toEqual({
    ...everything,
    readRoots: [join(folder, "in")],
    writeRoots: [],
    code: false,
  });
});

test("a folder that is not there and a scheme that does not exist are settings to correct", async () => {
  await expect(accessPolicy({ writeRoots: ["/no/such"] }, "/")).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("daemon.access.write_roots names /no/such") as string,
  });
  await expect(accessPolicy({ schemes: ["file", "ftp"] }, "/")).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("names ftp") as string,
  });
});
