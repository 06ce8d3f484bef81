import { afterAll, beforeAll, beforeEach } from "vitest";
import type { NodeRecord, RunRecord } from "#pkg/workflow";
import { openInstallation, type Installation } from "./installation.ts";

/** One installation for the tests of a file, each with a keyspace of its own. */
export interface SharedInstallation {
  readonly installation: Installation;
  /** The one of the test that runs. */
  readonly keyspace: string;
  /** For a test that needs several. */
  readonly newKeyspace: () => string;
  /** As the store has them now. */
  readonly nodesOf: (run: RunRecord) => Promise<readonly NodeRecord[]>;
  readonly runOf: (run: RunRecord) => Promise<RunRecord>;
}

/** To be called once at the top of a test file. */
export function sharedInstallation(): SharedInstallation {
  let open: Installation | undefined;
  let [keyspaces, keyspace] = [0, ""];
  const newKeyspace = (): string => `ks${(keyspaces += 1)}`;
  beforeAll(async () => {
    open = await openInstallation();
  });
  afterAll(() => open?.[Symbol.asyncDispose]());
  beforeEach(() => {
    keyspace = newKeyspace();
  });
  const opened = (): Installation => {
    if (open === undefined) throw new Error("the installation is not open yet");
    return open;
  };
  return {
    get installation() {
      return opened();
    },
    get keyspace() {
      return keyspace;
    },
    newKeyspace,
    nodesOf: ({ incarnation, run }) => opened().store.nodes(incarnation, run),
    runOf: async ({ incarnation, run }) =>
      (await opened().store.run(incarnation, run)) as RunRecord,
  };
}
