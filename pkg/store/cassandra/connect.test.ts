import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "./connect.ts";

/** Accepts connections and never says anything. */
async function silentPort(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined); // the driver gives up
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test("somebody who listens and never answers is told of, long before the driver gives up", async () => {
  const port = await silentPort();
  const settings = { hosts: ["127.0.0.1"], port, localDataCenter: "dc" };
  await expect(connect(settings, 200)).rejects.toMatchObject({
    code: "CLUSTER_UNAVAILABLE",
    retryable: true,
    message: `Cassandra cannot be reached at 127.0.0.1, port ${port}: nobody has answered for 0.2 s`,
  });
});
