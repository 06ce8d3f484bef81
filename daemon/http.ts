import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Fault } from "#pkg/fault";

/** What an orchestrator is told. Not ready: send no work and look at the reasons; not live: restart. */
export interface Health {
  readonly ready: boolean;
  /** Why it is not ready, or what it works without. */
  readonly reasons: readonly string[];
}

export interface HttpSources {
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
  readonly health: () => Health;
}

type Answer = (response: ServerResponse) => void | Promise<void>;

/** Serves /metrics, /health/live and /health/ready. Throws PORT_UNAVAILABLE. */
export async function serveHttp(
  { host, port }: { readonly host: string; readonly port: number },
  sources: HttpSources,
): Promise<AsyncDisposable> {
  const answers: Readonly<Record<string, Answer>> = {
    "/metrics": async (response) => {
      const text = await sources.metrics();
      response.writeHead(200, { "Content-Type": sources.metricsType }).end(text);
    },
    "/health/live": (response) => json(response, 200, { live: true }),
    "/health/ready": (response) => {
      const health = sources.health();
      json(response, health.ready ? 200 : 503, health);
    },
  };
  const server = createServer((request, response) => {
    answer(answers, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portFault(error, host, port)));
    server.listen(port, host, resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  answers: Readonly<Record<string, Answer>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "").split("?")[0] ?? "";
  const found = Object.hasOwn(answers, path) ? answers[path] : undefined;
  if (found === undefined) return json(response, 404, { paths: Object.keys(answers) });
  if (request.method !== "GET" && request.method !== "HEAD")
    return json(response.setHeader("Allow", "GET, HEAD"), 405, {});
  await found(response);
}

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response
    .writeHead(status, { "Content-Type": "application/json" })
    .end(`${JSON.stringify(body)}\n`);

const portFault = (error: NodeJS.ErrnoException, host: string, port: number): Fault =>
  new Fault(
    "PORT_UNAVAILABLE",
    `the port ${port} of log.prometheus_exporter_port cannot be served on ${host}: ${
      error.code === "EADDRINUSE" ? "it is in use" : error.message
    }`,
    { cause: error, facts: { host, port } },
  );
