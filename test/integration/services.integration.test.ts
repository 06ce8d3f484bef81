import { connect } from "node:net";
import { expect } from "vitest";
import { ownCassandra, ownRabbit, testWithOwn } from "../support/services.ts";
import { until } from "../support/until.ts";

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

testWithOwn(
  "a broker of one's own can be killed and started again on its port",
  ownRabbit,
  async (rabbit) => {
    const port = Number(new URL(rabbit.address.url).port);
    const before = rabbit.pid();
    await rabbit.kill();
    expect(isAlive(before)).toBe(false);
    await until("the port is closed", async () => ((await answers(port)) ? undefined : true));
    await rabbit.start({ empty: true });
    expect(await answers(port)).toBe(true);
    const after = rabbit.pid();
    await rabbit[Symbol.asyncDispose]();
    expect(isAlive(after)).toBe(false);
  },
);

testWithOwn(
  "a ring of one's own loses a node and gets it back",
  () => ownCassandra({ nodes: 3 }),
  async (ring) => {
    const [, , third] = ring.nodes;
    const before = third?.pid() ?? 0;
    await third?.kill();
    expect(isAlive(before)).toBe(false);
    await third?.start();
    await ring.untilUp(3);
    const pids = ring.nodes.map((node) => node.pid());
    await ring[Symbol.asyncDispose]();
    expect(pids.map(isAlive)).toEqual([false, false, false]);
  },
);
