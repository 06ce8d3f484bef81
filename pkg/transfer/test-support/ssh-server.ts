import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface SshServer extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  /** Everything is kept here; `files` below it is for the test. */
  readonly folder: string;
  readonly key: string;
  /** Private key with the passphrase "open sesame". */
  readonly lockedKey: string;
  readonly strangerKey: string;
  readonly knownHosts: string;
  readonly process: ChildProcess;
}

const makeKey = (path: string, passphrase: string, type = "ed25519"): void => {
  const size = type === "rsa" ? ["-b", "2048"] : [];
  execFileSync("ssh-keygen", ["-q", "-t", type, ...size, "-N", passphrase, "-f", path]);
};

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function isUp(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const configOf = (at: (name: string) => string, port: number): string =>
  `${[
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host")}`,
    `PidFile ${at("pid")}`,
    `AuthorizedKeysFile ${at("authorized")}`,
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "UsePAM no",
    "StrictModes no",
    "Subsystem sftp internal-sftp",
  ].join("\n")}\n`;

/** An own sshd on the loopback address, with keys made for it. */
export async function startSsh(): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-ssh-"));
  const at = (name: string): string => join(folder, name);
  makeKey(at("host"), "");
  makeKey(at("key"), "", "rsa");
  makeKey(at("locked"), "open sesame");
  makeKey(at("stranger"), "");
  const allowed = await Promise.all(
    ["key", "locked"].map((name) => readFile(at(`${name}.pub`), "utf8")),
  );
  await writeFile(at("authorized"), allowed.join(""));
  const port = await freePort();
  const hostKey = (await readFile(at("host.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  await writeFile(at("known"), `# hosts\n[127.0.0.1]:${port} ${hostKey}\n`);
  await mkdir(at("files"));
  await mkdir("/run/sshd", { recursive: true });
  await writeFile(at("config"), configOf(at, port));
  await chmod(at("host"), 0o600);
  const server = spawn("/usr/sbin/sshd", ["-D", "-f", at("config")], { stdio: "ignore" });
  for (let tries = 0; !(await isUp(port)); tries++) {
    if (tries > 200 || server.exitCode !== null) throw new Error("sshd does not come up");
    await pause(20);
  }
  return {
    port,
    user: userInfo().username,
    folder,
    key: at("key"),
    lockedKey: at("locked"),
    strangerKey: at("stranger"),
    knownHosts: at("known"),
    process: server,
    async [Symbol.asyncDispose]() {
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
