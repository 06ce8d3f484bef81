import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, type Ended } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { pipelineAt, placesOfFile, type Page } from "../support/remote-places.ts";
import { STOCK, type Tiny } from "../support/tiny-pipeline.ts";

const places = await placesOfFile();

const HEADER = "canary-header-7Hq2";
const PASSWORD = "canary-password-9Xw4";
const QUERY = "canary-query-5Tz8";
const PASSPHRASE = "open sesame";
const WRONG = "canary-wrong-3Lk6";
const S3_WRONG = "canary-s3-1Vb0";

/** Every form in which a secret could be found again. */
const forms = (secret: string): readonly Buffer[] => {
  const bytes = Buffer.from(secret);
  const texts = [secret, encodeURIComponent(secret), bytes.toString("base64").replace(/=+$/, "")];
  return [...texts.map((text) => Buffer.from(text)), Buffer.from(secret, "utf16le")];
};

function expectNone(what: string, content: Uint8Array, secrets: readonly string[]): void {
  const bytes = Buffer.from(content);
  for (const secret of secrets)
    for (const form of forms(secret))
      expect(bytes.includes(form), `${secret} is in ${what}`).toBe(false);
}

/** Of every file below the folder, databases included. */
function expectNoneBelow(folder: string, secrets: readonly string[]): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    expectNone(`the name ${name}`, Buffer.from(name), secrets);
    if (statSync(path).isFile()) expectNone(name, readFileSync(path), secrets);
  }
}

const INSPECTIONS = [
  ["status", "--json"],
  ["runs"],
  ["preview", "stock", "--json"],
  ["explain", "SCRIPT", "--json"],
  ["plan", "SCRIPT", "--json"],
  ["retry", "--verbose"],
  ["doctor"],
] as const;

/** Runs it and whatever shows something about it; none of that, the report, logs, data and outputs may hold a secret. */
async function expectSecret(
  tiny: Tiny,
  env: NodeJS.ProcessEnv,
  wanted: {
    readonly code: number;
    readonly says: string;
    readonly secrets: readonly string[];
    readonly isInScript?: true;
  },
): Promise<void> {
  const { secrets } = wanted;
  const report = join(tiny.folder, "report.json");
  const ended = await cli([...tiny.run, "--json", "--verbose", "--report", report], { env });
  expect(ended.code, ended.stderr).toBe(wanted.code);
  expect(ended.stderr).toContain(wanted.says);
  const shown = (what: string, { stdout, stderr }: Ended): void =>
    expectNone(what, Buffer.from(`${stdout}\n${stderr}`), secrets);
  shown("the output of run", ended);
  expectNone("the report", readFileSync(report), secrets);
  for (const [command, ...flags] of INSPECTIONS) {
    const args = flags.map((flag) => (flag === "SCRIPT" ? tiny.script : flag));
    const place = ["explain", "check"].includes(command)
      ? []
      : command === "doctor"
        ? ["--data", tiny.data]
        : ["--data", tiny.data, "--keyspace", "tiny"];
    const looked = await cli([command, ...args, ...place], { env });
    expect(looked.stderr, `${command} ${looked.stderr}`).not.toContain("error: ");
    shown(`the output of ${command} ${flags.join(" ")}`, looked);
  }
  // An address is part of the script, which is frozen as it is written.
  if (wanted.isInScript !== true) expectNoneBelow(tiny.data, secrets);
  expectNoneBelow(tiny.out, secrets);
}

/** A page for whoever sends the header, and nothing for others. */
const guarded =
  (authorization: string): Page =>
  (request, response) => {
    const isKnown = request.headers.authorization === authorization;
    response.writeHead(isKnown ? 200 : 403).end(isKnown ? STOCK : "");
  };

const SLOW = 400_000;

/** Every kind of credential, by reference. */
function credentials(header: string, passphrase: string): NodeJS.ProcessEnv {
  const { host } = new URL(places.http.url);
  const { user, lockedKey } = places.ssh;
  return {
    ...places.env,
    CAPI_SECRET_WEB: header,
    CAPI_SECRET_SSH: passphrase,
    CAPI_HTTP_HEADERS: JSON.stringify({ [host]: { authorization: "secret://WEB" } }),
    CAPI_PRIVATE_KEYS: `${user}:${lockedKey}`,
    CAPI_PRIVATE_KEY_PASSPHRASES: JSON.stringify({ [user]: "secret://SSH" }),
  };
}

function everywhere(): Tiny {
  mkdirSync(join(places.ssh.folder, "files", "in"), { recursive: true });
  writeFileSync(join(places.ssh.folder, "files", "in", "a.csv"), STOCK);
  places.pages.set("/guarded.csv", guarded(HEADER));
  return pipelineAt(temporaryFolder("canary"), {
    urls: [`${places.http.url}/guarded.csv`, places.sftp("in/a.csv")],
    target: "s3://data/canary/out.csv",
  });
}

test(
  "credentials by reference are in nothing that a run which succeeds prints or keeps",
  async () => {
    const secrets = [HEADER, PASSPHRASE, "S3RVER"];
    await expectSecret(everywhere(), credentials(HEADER, PASSPHRASE), {
      code: 0,
      says: "succeeded",
      secrets,
    });
  },
  SLOW,
);

test(
  "credentials that are refused are in nothing that a run which fails prints or keeps",
  async () => {
    const env = { ...credentials(WRONG, WRONG), AWS_SECRET_ACCESS_KEY: S3_WRONG };
    await expectSecret(everywhere(), env, {
      code: 1,
      says: "CREDENTIALS",
      secrets: [WRONG, S3_WRONG],
    });
  },
  SLOW,
);

test(
  "passwords and signatures within addresses are not shown",
  async () => {
    const basic = `Basic ${Buffer.from(`ann:${PASSWORD}`).toString("base64")}`;
    places.pages.set("/basic.csv", guarded(basic));
    places.pages.set("/guarded.csv", Buffer.from(STOCK));
    const tiny = pipelineAt(temporaryFolder("canary"), {
      urls: [
        `${places.http.url.replace("//", `//ann:${PASSWORD}@`)}/basic.csv`,
        `${places.http.url}/guarded.csv?sig=${QUERY}`,
      ],
    });
    await expectSecret(tiny, places.env, {
      code: 0,
      says: "succeeded",
      secrets: [PASSWORD, QUERY],
      isInScript: true,
    });
  },
  SLOW,
);
