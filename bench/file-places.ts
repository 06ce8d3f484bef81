import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { sendFile, serve } from "../pkg/transfer/test-support/http-server.ts";
import { BUCKET, startS3 } from "../pkg/transfer/test-support/s3-store.ts";
import { startSsh } from "../pkg/transfer/test-support/ssh-server.ts";
import { remoteEnvironment, sftpAddress } from "../test/support/remote-environment.ts";

/** A folder, and servers on the loopback address that keep what they hold on disk. */
export interface FilePlaces extends AsyncDisposable {
  readonly local: (name: string) => string;
  /** Address of a local file by http. */
  readonly http: (name: string) => string;
  readonly s3: (name: string) => string;
  readonly sftp: (name: string) => string;
  /** Environment of a program that may use all of them. */
  readonly env: NodeJS.ProcessEnv;
  /** Removes every file of that name. */
  remove(name: string): Promise<void>;
}

export async function openFilePlaces(folder: string): Promise<FilePlaces> {
  mkdirSync(folder);
  const web = await serve((request, response) =>
    sendFile(request, response, join(folder, basename(request.url ?? ""))),
  );
  const [store, ssh] = await Promise.all([startS3(), startSsh()]);
  return {
    local: (name) => join(folder, name),
    http: (name) => `${web.url}/${name}`,
    s3: (name) => `s3://${BUCKET}/${name}`,
    sftp: (name) => sftpAddress(ssh, name),
    env: remoteEnvironment(store, ssh),
    async remove(name) {
      rmSync(join(folder, name), { force: true });
      rmSync(join(ssh.folder, "files", name), { force: true });
      const answer = await fetch(`${store.endpoint}/${BUCKET}/${name}`, { method: "DELETE" });
      await answer.arrayBuffer();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([web, store, ssh].map((place) => place[Symbol.asyncDispose]()));
      rmSync(folder, { recursive: true });
    },
  };
}
