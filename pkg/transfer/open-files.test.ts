import { promises as fs } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everything, type AccessPolicy } from "#pkg/security";
import { openFiles } from "./open-files.ts";
import type { Files, OutputFile } from "./port.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const OTHER = "f".repeat(32);

let folder: string;
let files: Files;

beforeEach(async () => {
  folder = await fs.realpath(await fs.mkdtemp(join(tmpdir(), "transfer-")));
  files = openFiles(everything);
});

afterEach(() => fs.rm(folder, { recursive: true, force: true }));

const inFolder = (...names: string[]): string => join(folder, ...names);
const text = (path: string): Promise<string> => fs.readFile(path, "utf8");
const names = async (path = folder): Promise<string[]> => (await fs.readdir(path)).toSorted();

const policyOf = (change: Partial<AccessPolicy>): AccessPolicy => ({ ...everything, ...change });

async function written(url: string, content: string, token = TOKEN): Promise<OutputFile> {
  const file = await files.createTemporary(url, token);
  await file.write(Buffer.from(content));
  return file.finish();
}

describe("reading", () => {
  test("facts are size and modification time to the nanosecond", async () => {
    await fs.writeFile(inFolder("a"), "12345");
    await fs.utimes(inFolder("a"), 1, 1.5);
    expect(await files.facts(inFolder("a"))).toEqual({ size: 5, version: "1500.000000" });
  });

  test("reads fill what they can and stop at the end of the file", async () => {
    await fs.writeFile(inFolder("a"), "0123456789");
    await using file = await files.open(inFolder("a"));
    const into = new Uint8Array(4);
    expect(await file.read(into, 2)).toBe(4);
    expect(Buffer.from(into).toString()).toBe("2345");
    expect(await file.read(into, 8)).toBe(2);
    expect(await file.read(into, 10)).toBe(0);
    expect(await file.currentFacts()).toEqual(file.facts);
  });

  test("a file that was changed, replaced or removed while open shows", async () => {
    await fs.writeFile(inFolder("a"), "one");
    await using file = await files.open(inFolder("a"));
    await fs.writeFile(inFolder("b"), "other");
    await fs.rename(inFolder("b"), inFolder("a"));
    expect((await file.currentFacts()).size).toBe(5);
    await fs.unlink(inFolder("a"));
    await expect(file.currentFacts()).rejects.toMatchObject({ code: "FILE_MISSING" });
  });

  test("reading a closed file is a Fault", async () => {
    await fs.writeFile(inFolder("a"), "one");
    const file = await files.open(inFolder("a"));
    await file[Symbol.asyncDispose]();
    await expect(file.read(new Uint8Array(1), 0)).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
    });
  });

  test("text is UTF-8 without its byte order mark", async () => {
    await fs.writeFile(inFolder("a"), "\ufeffgrün");
    expect(await files.readText(inFolder("a"))).toBe("grün");
    await fs.writeFile(inFolder("b"), Buffer.from([0x67, 0xfc]));
    await expect(files.readText(inFolder("b"))).rejects.toMatchObject({ code: "ENCODING_INVALID" });
  });

  test.each(["facts", "readText", "open"] as const)(
    "%s names what is missing or a folder",
    async (method) => {
      await fs.writeFile(inFolder("a"), "");
      await expect(files[method](inFolder("none"))).rejects.toMatchObject({ code: "FILE_MISSING" });
      await expect(files[method](inFolder("a", "below"))).rejects.toMatchObject({
        code: "FILE_MISSING",
      });
      await expect(files[method](folder)).rejects.toMatchObject({
        code: "FILE_UNREADABLE",
        message: `cannot read ${folder}: it is a folder`,
      });
    },
  );

  test("links that lead in a circle are unreadable", async () => {
    await fs.symlink(inFolder("a"), inFolder("a"));
    await expect(files.facts(inFolder("a"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  test("a path with a zero character is unreadable", async () => {
    await expect(files.facts(inFolder("a\0b"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  test.runIf(process.getuid?.() !== 0)("a file without read permission is unreadable", async () => {
    await fs.writeFile(inFolder("a"), "x", { mode: 0 });
    await expect(files.facts(inFolder("a"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
    await expect(files.open(inFolder("a"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });
});

describe("addresses", () => {
  test.each(["file:///etc/passwd", "ftp://host/a", "x-y://z"])(
    "%s is not supported, for reading or writing",
    async (url) => {
      const expected = { code: "SCHEME_UNSUPPORTED" };
      await expect(files.facts(url)).rejects.toMatchObject(expected);
      await expect(files.open(url)).rejects.toMatchObject(expected);
      await expect(files.resolve(url)).rejects.toMatchObject(expected);
      await expect(files.createTemporary(url, TOKEN)).rejects.toMatchObject(expected);
    },
  );

  test("a password in an address is not shown", async () => {
    await expect(files.facts("ftp://me:secret@host/a?key=secret")).rejects.toMatchObject({
      message: "ftp://me:…@host/a?…: addresses with ftp:// are not supported",
      facts: { url: "ftp://me:…@host/a?…" },
    });
  });
});

describe("patterns", () => {
  test("stand for the files that fit, in order; not for folders or hidden files", async () => {
    for (const folder of ["a", "b", "b/deep.csv"]) await fs.mkdir(inFolder(folder));
    for (const name of ["a/2.csv", "a/10.csv", "a/.3.csv", "b/1.csv", "b/x.txt", "a/[1].csv"])
      await fs.writeFile(inFolder(name), "x");
    const list = async (pattern: string): Promise<readonly string[]> =>
      (await files.list(inFolder(pattern))).map((path) => path.slice(folder.length + 1));
    expect(await list("a/*.csv")).toEqual(["a/10.csv", "a/2.csv", "a/[1].csv"]);
    expect(await list("*/?.csv")).toEqual(["a/2.csv", "b/1.csv"]);
    expect(await list("[!a]/[0-9].csv")).toEqual(["b/1.csv"]);
    expect(await list("a/.*.csv")).toEqual(["a/.3.csv"]);
    expect(await list("none/*.csv")).toEqual([]);
    expect(await list("a/[1].csv")).toEqual(["a/[1].csv"]);
    expect(await list("a/2.csv")).toEqual(["a/2.csv"]);
    expect(await list("a/[x")).toEqual([]);
  });
});

describe("access policy", () => {
  beforeEach(async () => {
    await fs.mkdir(inFolder("in"));
    await fs.mkdir(inFolder("out"));
    await fs.writeFile(inFolder("in", "a"), "a");
    await fs.writeFile(inFolder("secret"), "s");
    files = openFiles(policyOf({ readRoots: [inFolder("in")], writeRoots: [inFolder("out")] }));
  });

  const denied = { code: "ACCESS_DENIED" };

  test("allows what is below its roots", async () => {
    expect(await files.readText(inFolder("in", "a"))).toBe("a");
    expect(await files.publish(await written(inFolder("out", "new", "b"), "b"))).toBe("published");
  });

  test("refuses other places, also through links and dots", async () => {
    await fs.symlink(inFolder("secret"), inFolder("in", "link"));
    await fs.symlink(inFolder("secret-folder"), inFolder("out", "dangling"));
    await fs.symlink(folder, inFolder("out", "up"));
    await expect(files.readText(inFolder("secret"))).rejects.toMatchObject(denied);
    await expect(files.open(inFolder("in", "link"))).rejects.toMatchObject(denied);
    await expect(files.facts(inFolder("in", "..", "secret"))).rejects.toMatchObject(denied);
    await expect(files.createTemporary(inFolder("in", "b"), TOKEN)).rejects.toMatchObject(denied);
    await expect(files.createTemporary(inFolder("out", "dangling"), TOKEN)).rejects.toMatchObject(
      denied,
    );
    await expect(files.createTemporary(inFolder("out", "up", "b"), TOKEN)).rejects.toMatchObject(
      denied,
    );
    await expect(files.resolve(inFolder("b"))).rejects.toMatchObject(denied);
    await expect(files.discard({ url: inFolder("b"), token: TOKEN })).rejects.toMatchObject(denied);
    await expect(files.sweepTemporaries(inFolder("b"), () => true)).rejects.toMatchObject(denied);
  });

  test("without the scheme of plain paths refuses all of them", async () => {
    const closed = openFiles(policyOf({ schemes: ["https"] }));
    await expect(closed.facts(inFolder("in", "a"))).rejects.toMatchObject(denied);
  });
});

describe("writing", () => {
  test("the target appears complete at publication, the temporary file is gone", async () => {
    const url = inFolder("deep", "er", "out.csv");
    const output = await written(url, "content");
    expect(await names(inFolder("deep", "er"))).toEqual([`.out.csv.${TOKEN}.tmp`]);
    expect(output).toEqual({
      url,
      token: TOKEN,
      size: 7,
      sha256: "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
    });
    expect(await files.publish(output)).toBe("published");
    expect(await names(inFolder("deep", "er"))).toEqual(["out.csv"]);
    expect(await text(url)).toBe("content");
  });

  test("small and large pieces arrive in order", async () => {
    const pieces = [10, 900_000, 200_000, 3_000_000, 0, 1_048_576, 5].map((size, index) =>
      Buffer.alloc(size, String.fromCodePoint(97 + index)),
    );
    const file = await files.createTemporary(inFolder("big"), TOKEN);
    for (const piece of pieces) {
      const reused = Buffer.from(piece);
      await file.write(reused);
      reused.fill(0);
    }
    await files.publish(await file.finish());
    expect((await fs.readFile(inFolder("big"))).equals(Buffer.concat(pieces))).toBe(true);
  });

  test("publishing again finds it published", async () => {
    const output = await written(inFolder("out"), "content");
    await files.publish(output);
    expect(await files.publish(output)).toBe("published");
  });

  test("publishing replaces an earlier target", async () => {
    await fs.writeFile(inFolder("out"), "older");
    expect(await files.publish(await written(inFolder("out"), "newer"))).toBe("published");
    expect(await text(inFolder("out"))).toBe("newer");
  });

  test("a target of other content without its temporary file is lost and stays", async () => {
    const output = await written(inFolder("out"), "content");
    await files.discard(output);
    await fs.writeFile(inFolder("out"), "CONTENT");
    expect(await files.publish(output)).toBe("lost");
    expect(await text(inFolder("out"))).toBe("CONTENT");
    await fs.writeFile(inFolder("out"), "another size");
    expect(await files.publish(output)).toBe("lost");
  });

  test("without temporary file, target or folder the output is lost", async () => {
    const output = await written(inFolder("sub", "out"), "content");
    await fs.rm(inFolder("sub"), { recursive: true });
    expect(await files.publish(output)).toBe("lost");
  });

  test("a temporary file that was cut is lost and removed", async () => {
    const output = await written(inFolder("out"), "content");
    await fs.truncate(inFolder(`.out.${TOKEN}.tmp`), 3);
    expect(await files.publish(output)).toBe("lost");
    expect(await names()).toEqual([]);
  });

  test("abandoning and discarding leave nothing, also twice", async () => {
    const file = await files.createTemporary(inFolder("out"), TOKEN);
    await file.write(Buffer.from("x"));
    await file.abandon();
    await file.abandon();
    const output = await written(inFolder("out"), "content");
    await files.discard(output);
    await files.discard(output);
    expect(await names()).toEqual([]);
  });

  test("a finished file that will not be published can be abandoned", async () => {
    const file = await files.createTemporary(inFolder("out"), TOKEN);
    await file.finish();
    await file.abandon();
    expect(await names()).toEqual([]);
  });

  test("writing after the end is a Fault", async () => {
    const file = await files.createTemporary(inFolder("out"), TOKEN);
    await file.finish();
    await expect(file.write(new Uint8Array(2_000_000))).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
    });
  });

  test("a folder in the place of the target is unwritable, before and at publication", async () => {
    await fs.mkdir(inFolder("out"));
    await expect(files.createTemporary(inFolder("out"), TOKEN)).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
      message: `cannot write ${inFolder("out")}: it is a folder`,
    });
    const output = await written(inFolder("late"), "content");
    await fs.mkdir(inFolder("late"));
    await expect(files.publish(output)).rejects.toMatchObject({ code: "TARGET_UNWRITABLE" });
  });

  test.runIf(process.platform === "linux")(
    "a folder that the system says cannot exist is unwritable, however deep",
    async () => {
      for (const target of ["/proc/none/out", "/proc/none/of/these/out"])
        await expect(files.createTemporary(target, TOKEN)).rejects.toMatchObject({
          code: "TARGET_UNWRITABLE",
        });
    },
  );

  test("folders are made one below the other, also side by side", async () => {
    const targets = ["b", "b", "b/c", "b/c/d"].map((name, at) => inFolder(name, `out${at}`));
    const open = await Promise.all(targets.map((one) => files.createTemporary(one, TOKEN)));
    await Promise.all(open.map((file) => file.abandon()));
    expect(await names(inFolder("b", "c"))).toEqual(["d"]);
  });

  test("a file in the place of the folder is unwritable", async () => {
    await fs.writeFile(inFolder("a"), "");
    await expect(files.createTemporary(inFolder("a", "out"), TOKEN)).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
    });
  });

  test.runIf(process.getuid?.() !== 0)(
    "a folder without write permission is unwritable",
    async () => {
      await fs.mkdir(inFolder("locked"), { mode: 0o500 });
      await expect(files.createTemporary(inFolder("locked", "out"), TOKEN)).rejects.toMatchObject({
        code: "TARGET_UNWRITABLE",
      });
    },
  );

  test("a link in the place of the temporary file is not followed", async () => {
    await fs.symlink(inFolder("elsewhere"), inFolder(`.out.${TOKEN}.tmp`));
    await expect(files.createTemporary(inFolder("out"), TOKEN)).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
    });
    expect(await names()).toEqual([`.out.${TOKEN}.tmp`]);
  });

  test("a target that is a link is written through, also when it leads to nothing yet", async () => {
    await fs.mkdir(inFolder("real"));
    await fs.symlink(inFolder("real", "out"), inFolder("link"));
    expect(await files.resolve(inFolder("link"))).toBe(inFolder("real", "out"));
    await files.publish(await written(inFolder("link"), "one"));
    await files.publish(await written(inFolder("link"), "two"));
    expect(await text(inFolder("real", "out"))).toBe("two");
    expect((await fs.lstat(inFolder("link"))).isSymbolicLink()).toBe(true);
  });

  test.each(["n".repeat(255), "ü".repeat(127), "😀".repeat(63)])(
    "a name of 255 bytes has room for the token",
    async (name) => {
      const output = await written(inFolder(name), "content");
      const [temporary] = (await names()) as [string];
      expect(Buffer.byteLength(temporary)).toBeLessThanOrEqual(255);
      expect(await files.publish(output)).toBe("published");
      expect(await names()).toEqual([name]);
    },
  );
});

describe("names of targets", () => {
  test("are the same for all ways to write them", async () => {
    await fs.mkdir(inFolder("real"));
    await fs.symlink(inFolder("real"), inFolder("link"));
    const expected = inFolder("real", "new", "out");
    expect(await files.resolve(inFolder("link", "new", "out"))).toBe(expected);
    expect(await files.resolve(`${folder}/link/./other/../new//out`)).toBe(expected);
  });

  test("need nothing that exists, and survive circles of links", async () => {
    await fs.symlink(inFolder("circle"), inFolder("circle"));
    expect(await files.resolve(inFolder("circle", "out"))).toBe(inFolder("circle", "out"));
    await expect(files.resolve(inFolder("a\0b"))).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
    });
  });
});

describe("sweeping", () => {
  test("removes temporary files of dead tokens of the target and nothing else", async () => {
    await written(inFolder("out"), "dead");
    await written(inFolder("out"), "alive", OTHER);
    await written(inFolder("out2"), "of another target");
    await fs.writeFile(inFolder(".out.not a token.tmp"), "");
    await fs.writeFile(inFolder(`.out.${TOKEN}.bak`), "");
    await files.sweepTemporaries(inFolder("out"), (token) => token === TOKEN);
    expect(await names()).toEqual(
      [
        `.out.${OTHER}.tmp`,
        `.out2.${TOKEN}.tmp`,
        ".out.not a token.tmp",
        `.out.${TOKEN}.bak`,
      ].toSorted(),
    );
  });

  test("finds nothing in a folder that is not there", async () => {
    await expect(
      files.sweepTemporaries(inFolder("none", "out"), () => true),
    ).resolves.toBeUndefined();
  });

  test("of what is no folder is a Fault only when it cannot be looked at", async () => {
    await fs.writeFile(inFolder("a"), "");
    await expect(files.sweepTemporaries(inFolder("a", "out"), () => true)).resolves.toBeUndefined();
  });
});
