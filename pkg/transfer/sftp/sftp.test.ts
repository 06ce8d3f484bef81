import { execFileSync, spawnSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { everything } from "#pkg/security";
import { openFiles, type Files, type TransferSettings } from "#pkg/transfer";
import { numbered, quick, readWhole } from "../test-support/read-whole.ts";
import { startSsh, type SshServer } from "../test-support/ssh-server.ts";
import { until } from "../../../test/support/until.ts";
import { verdictOn } from "./known-hosts.ts";

const isThere = existsSync("/usr/sbin/sshd");

test("an SSH server is present in CI", () => {
  if (!isThere) console.warn("SFTP tests skipped: /usr/sbin/sshd is absent");
  expect(isThere || process.env["CI"] !== "true").toBe(true);
});

/** Processes below a process. */
function sessionsOf(pid: number | undefined): number[] {
  const found = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout;
  const children = found.split("\n").flatMap((line) => (line === "" ? [] : [Number(line)]));
  return children.concat(children.flatMap(sessionsOf));
}

describe.skipIf(!isThere)("files on an SFTP host", () => {
  let server: SshServer;
  let files: Files;
  let settings: TransferSettings;
  let count = 0;
  let folder: string;

  beforeAll(async () => {
    server = await startSsh();
    settings = {
      ...quick,
      limits: { ...quick.limits, connectMs: 5000, stallMs: 5000 },
      privateKeys: { [server.user]: server.key },
      knownHosts: ["/nonexistent", server.knownHosts],
    };
    files = openFiles(everything, settings);
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    folder = join(server.folder, "files", String(++count));
    await mkdir(folder);
  });

  const urlOf = (name: string, host = "127.0.0.1"): string =>
    `sftp://${server.user}@${host}:${server.port}${join(folder, name)}`;
  const content = Buffer.concat(Array.from({ length: 1500 }, () => numbered(1000)));

  test("are read whole and anywhere", async () => {
    await writeFile(join(folder, "a b#?.csv"), content);
    const url = urlOf("a b#?.csv");
    const facts = await files.facts(url);
    expect(facts.size).toBe(content.length);
    expect((await readWhole(files, url, 100_000)).equals(content)).toBe(true);
    await using file = await files.open(url);
    const piece = Buffer.alloc(10);
    await file.read(piece, 1_234_567);
    expect(piece.equals(content.subarray(1_234_567, 1_234_577))).toBe(true);
    await utimes(join(folder, "a b#?.csv"), 1, 1);
    expect(await file.currentFacts()).not.toEqual(facts);
    await writeFile(join(folder, "empty"), "");
    expect(await readWhole(files, urlOf("empty"))).toHaveLength(0);
  });

  test("appear whole when they are published, replacing what was there; folders are made", async () => {
    const url = urlOf("new/er/a.csv");
    for (const [token, pieces] of [
      ["t1", ["old"]],
      ["t2", [content.subarray(0, 700_001), content.subarray(700_001)]],
    ] as const) {
      const file = await files.createTemporary(url, token);
      for (const piece of pieces) await file.write(Buffer.from(piece));
      const output = await file.finish();
      expect(await readdir(join(folder, "new/er"))).toContain(`.a.csv.${token}.tmp`);
      expect(await files.publish(output)).toBe("published");
      expect(await files.publish(output)).toBe("published");
    }
    const written = await readFile(join(folder, "new/er/a.csv"));
    expect(written.equals(content)).toBe(true);
    expect(await readdir(join(folder, "new/er"))).toEqual(["a.csv"]);
    const sha256 = createHash("sha256").update("other").digest("hex");
    expect(await files.publish({ url, token: "t3", size: 5, sha256 })).toBe("lost");
  });

  test("that nobody will publish are removed by their writer, by discard and by the sweep", async () => {
    const url = urlOf("a.csv");
    const begun = await files.createTemporary(url, "t1");
    await begun.write(Buffer.from("a"));
    await begun.abandon();
    for (const token of ["t2", "dead", "alive"])
      await (await files.createTemporary(url, token)).finish();
    await files.discard({ url, token: "t2" });
    await files.discard({ url, token: "t2" });
    await files.sweepTemporaries(url, (token) => token === "dead");
    expect(await readdir(folder)).toEqual([".a.csv.alive.tmp"]);
    await files.sweepTemporaries(urlOf("none/a.csv"), () => true);
    await writeFile(join(folder, ".a.csv.short.tmp"), "1");
    const output = { url, token: "short", size: 2, sha256: "" };
    expect(await files.publish(output)).toBe("lost");
    expect(await readdir(folder)).toEqual([".a.csv.alive.tmp"]);
  });

  test("have one name, and are named one by one", async () => {
    const { user, port } = server;
    expect(await files.resolve(`sftp://${user}@127.0.0.1:${port}/a/../b.csv`)).toBe(
      `sftp://${user}@127.0.0.1:${port}/b.csv`,
    );
    expect(await files.resolve(`sftp://${user}@host/b.csv`)).toBe(`sftp://${user}@host:22/b.csv`);
    expect(await files.list(urlOf("*.csv"))).toEqual([urlOf("*.csv")]);
    await expect(files.facts("sftp://host/a")).rejects.toMatchObject({
      code: "SCHEME_UNSUPPORTED",
    });
  });

  test("that are missing, folders or no place to write say so", async () => {
    await expect(files.facts(urlOf("none"))).rejects.toMatchObject({
      code: "FILE_MISSING",
      message: `cannot read ${urlOf("none")}: it does not exist`,
    });
    await expect(files.facts(urlOf(""))).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      message: expect.stringContaining("it is a folder") as string,
    });
    await mkdir(join(folder, "d"));
    await expect(files.createTemporary(urlOf("d"), "t")).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
    });
    await writeFile(join(folder, "f"), "");
    await expect(files.createTemporary(urlOf("f/a"), "t")).rejects.toMatchObject({
      code: "TARGET_UNWRITABLE",
    });
  });

  const withSettings = (more: Partial<TransferSettings>, policy = {}): Files =>
    openFiles({ ...everything, ...policy }, { ...settings, ...more });

  test("an encrypted key needs its passphrase", async () => {
    await writeFile(join(folder, "a"), "x");
    const privateKeys = { [server.user]: server.lockedKey };
    const passphrases = (text: string) => ({ [server.user]: text });
    expect(
      (
        await withSettings({ privateKeys, passphrases: passphrases("open sesame") }).facts(
          urlOf("a"),
        )
      ).size,
    ).toBe(1);
    const refused = { code: "CREDENTIALS" };
    await expect(withSettings({ privateKeys }).facts(urlOf("a"))).rejects.toMatchObject(refused);
    await expect(
      withSettings({ privateKeys, passphrases: passphrases("wrong") }).facts(urlOf("a")),
    ).rejects.toMatchObject(refused);
    // An open one would keep the process alive until the host gives up.
    await until("every connection is closed", () =>
      process.getActiveResourcesInfo().includes("TCPSocketWrap") ? undefined : true,
    );
  });

  test("a key that the host does not accept, and none at all", async () => {
    const facts = (privateKeys: Record<string, string>) =>
      withSettings({ privateKeys }).facts(urlOf("a"));
    await expect(facts({ [server.user]: server.strangerKey })).rejects.toMatchObject({
      code: "CREDENTIALS",
      message: expect.stringContaining("the host refused the user and key") as string,
    });
    await expect(facts({})).rejects.toMatchObject({ code: "CREDENTIALS" });
    await expect(facts({ [server.user]: "/nonexistent" })).rejects.toMatchObject({
      code: "FILE_MISSING",
    });
  });

  test("a host whose key is unknown or another one is not talked to", async () => {
    const facts = (knownHosts: readonly string[]) => withSettings({ knownHosts }).facts(urlOf("a"));
    await expect(facts([])).rejects.toMatchObject({
      code: "HOST_KEY",
      message: expect.stringContaining("is in no known_hosts file") as string,
    });
    const other = join(folder, "known");
    const stranger = await readFile(`${server.strangerKey}.pub`, "utf8");
    await writeFile(other, `[127.0.0.1]:${server.port} ${stranger}`);
    await expect(facts([other])).rejects.toMatchObject({
      code: "HOST_KEY",
      message: expect.stringContaining("is another one than known_hosts says") as string,
    });
  });

  test.runIf(process.getuid?.() === 0)(
    "a disk that is full on the host is told as that",
    async () => {
      const small = join(folder, "small");
      await mkdir(small);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]);
      onTestFinished(() => void execFileSync("umount", ["-l", small]));
      const full = {
        code: "TARGET_FULL",
        retryable: false,
        message: expect.stringContaining("no space is left on the host") as string,
      };
      const file = await files.createTemporary(urlOf("small/a"), "t1");
      const writing = async (): Promise<void> => {
        for (let piece = 0; piece < 40; piece++) await file.write(content.subarray(0, 100_000));
        await file.finish();
      };
      await expect(writing()).rejects.toMatchObject(full);
      await file.abandon();
      expect(await readdir(small)).toEqual([]);
    },
  );

  test("a host that goes silent while a file is written is given up with a reason", async () => {
    const short = withSettings({ limits: { ...settings.limits, stallMs: 600 } });
    const file = await short.createTemporary(urlOf("silent"), "t1");
    const sessions = sessionsOf(server.process.pid);
    expect(sessions.length).toBeGreaterThan(0);
    for (const pid of sessions) process.kill(pid, "SIGSTOP");
    try {
      const writing = async (): Promise<void> => {
        for (let piece = 0; piece < 40; piece++) await file.write(content);
        await file.finish();
      };
      await expect(writing()).rejects.toMatchObject({ code: "TARGET_UNWRITABLE", retryable: true });
    } finally {
      for (const pid of sessions) process.kill(pid, "SIGCONT");
    }
    await files.discard({ url: urlOf("silent"), token: "t1" });
    expect(await readdir(folder)).toEqual([]);
  });

  test("the policy is asked for the host and the address it leads to", async () => {
    const denied = { code: "ACCESS_DENIED" };
    const local = urlOf("a", "localhost");
    await expect(withSettings({}, { hosts: [] }).facts(local)).rejects.toMatchObject(denied);
    await expect(withSettings({}, { privateHosts: [] }).facts(local)).rejects.toMatchObject(denied);
  });

  test("nobody listening is said", async () => {
    const url = `sftp://${server.user}@127.0.0.1:1/a`;
    await expect(files.facts(url)).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      retryable: true,
      message: expect.stringContaining("ECONNREFUSED") as string,
      hint: "Check the address, and that this machine reaches the host.",
    });
  });
});

describe("known hosts", () => {
  const keyOf = (type: string, text: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(type.length);
    return Buffer.concat([length, Buffer.from(type + text)]);
  };
  const key = keyOf("ssh-ed25519", "abc");
  const line = (hosts: string, of = key): string =>
    `${hosts} ssh-ed25519 ${of.toString("base64")} me\n`;
  const salt = Buffer.from("salt");
  const hashed = `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update("host").digest("base64")}`;

  test.each([
    ["names and ports", line("other,[host]:2222"), 2222, "known"],
    ["patterns", line("h*t"), 22, "known"],
    ["patterns that are excluded", line("*,!host"), 22, "unknown"],
    ["hashed names", line(hashed), 22, "known"],
    ["another port", line("host"), 2222, "unknown"],
    ["another key", line("host", keyOf("ssh-ed25519", "xyz")), 22, "other"],
    ["a revoked key", `@revoked ${line("host")}${line("host")}`, 22, "revoked"],
    ["comments and broken lines", `# ${line("host")}\nhost\n`, 22, "unknown"],
  ])("%s", (_name, text, port, verdict) => {
    expect(verdictOn([text], "host", port, key)).toBe(verdict);
  });
});
