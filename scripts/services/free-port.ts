import { connect, createServer, type AddressInfo } from "node:net";

/** A port that is free on all the loopback addresses at this moment. */
export async function freePort(...hosts: readonly string[]): Promise<number> {
  for (;;) {
    const port = await bind(0, hosts[0] ?? "127.0.0.1");
    const others = await Promise.all(hosts.slice(1).map((host) => bind(port, host)));
    if (others.every((other) => other === port)) return port;
  }
}

/** The port that could be bound, 0 when it is taken. */
function bind(port: number, host: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(0));
    server.listen(port, host, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}

export const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    const answer = (isOpen: boolean) => (): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", answer(true));
    socket.once("error", answer(false));
  });
