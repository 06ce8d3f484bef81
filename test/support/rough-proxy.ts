import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a service that can be cut: what goes through it ends without a farewell. */
export interface RoughProxy extends AsyncDisposable {
  readonly port: number;
  connections(): number;
  /** Resets every connection; new ones are let through. How many there were. */
  cut(): number;
}

/** `held`: until then connections are taken and nothing goes through them, as if the service were frozen. */
export async function roughProxy(
  target: Pick<URL, "hostname" | "port">,
  held: Promise<void> = Promise.resolve(),
): Promise<RoughProxy> {
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      open.add(from);
      void held.then(() => from.pipe(to));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): number => {
    const sockets = Array.from(open);
    for (const socket of sockets) socket.resetAndDestroy();
    return sockets.length / 2;
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => open.size / 2,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
