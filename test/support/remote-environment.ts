import type { S3Store } from "../../pkg/transfer/test-support/s3-store.ts";
import type { SshServer } from "../../pkg/transfer/test-support/ssh-server.ts";

/** Environment of a program that may use both. */
export const remoteEnvironment = (s3: S3Store, ssh: SshServer): NodeJS.ProcessEnv => ({
  AWS_ACCESS_KEY_ID: "S3RVER",
  AWS_SECRET_ACCESS_KEY: "S3RVER",
  CAPI_S3_ENDPOINT: s3.endpoint,
  CAPI_S3_REGION: "us-east-1",
  CAPI_S3_PATH_STYLE: "true",
  CAPI_PRIVATE_KEYS: `${ssh.user}:${ssh.key}`,
  CAPI_KNOWN_HOSTS: ssh.knownHosts,
});

/** Address of a path below the folder of the server. */
export const sftpAddress = (ssh: SshServer, path: string): string =>
  `sftp://${ssh.user}@127.0.0.1:${ssh.port}${ssh.folder}/files/${path}`;
