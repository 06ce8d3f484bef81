import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { createMetrics, watchSources } from "../daemon/metrics.ts";
import { KNOWN_SETTINGS } from "#pkg/config";
import { temporaryFolder } from "./support/folders.ts";

const root = join(import.meta.dirname, "..");
const textOf = (name: string): string => readFileSync(join(root, "deploy", name), "utf8");

/** Names as /metrics serves them, histograms with the names of their series. */
async function servedNames(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics("w");
  watchSources(metrics, {
    unitsActive: () => 0,
    threads: 1,
    holdsLease: () => true,
    brokerConnected: () => true,
    queueDepth: () => Promise.resolve(0),
  });
  const text = await metrics.registry.metrics();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const series = (name: string, type: string | undefined): readonly string[] =>
    type === "histogram" ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
  return new Set(types.flatMap(([, name = "", type]) => series(name, type)));
}

const namesIn = (text: string): readonly string[] => [
  ...new Set(text.match(/\b(?:capi|process|nodejs)_\w+/g) ?? []),
];

test.each(["alerts.yaml", "grafana-dashboard.json", "README.md"])(
  "deploy/%s names only metrics that a worker serves",
  async (name) => {
    const served = await servedNames();
    const named = namesIn(textOf(name)).filter((word) => !word.endsWith("_"));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((metric) => !served.has(metric))).toEqual([]);
  },
);

test("the dashboard shows every metric of the worker", async () => {
  const own = [...(await servedNames())].filter(
    (name) => name.startsWith("capi_") && !/_(?:sum|count|bucket)$/.test(name),
  );
  const shown = textOf("grafana-dashboard.json");
  expect(own.filter((name) => !shown.includes(name))).toEqual([]);
});

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: { readonly summary: string; readonly action: string };
    }[];
  }[];
}

test("every alert says what is wrong and what to do", () => {
  const rules = (parse(textOf("alerts.yaml")) as Rules).groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { alert, annotations } of rules) {
    expect(annotations.summary, alert).toMatch(/\.$/);
    expect(annotations.action, alert).not.toBe("");
  }
});

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly build?: { readonly context: string; readonly dockerfile: string };
        readonly environment?: Readonly<Record<string, string>>;
        readonly volumes?: readonly string[];
        readonly depends_on?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

const compose = (): Compose => parse(textOf("compose.yaml"), { merge: true }) as Compose;

test("compose.yaml names only services, files and settings that exist", () => {
  const { services } = compose();
  const known = new Set(KNOWN_SETTINGS.flatMap(({ env }) => env ?? []));
  for (const [name, { build, environment = {}, volumes = [], depends_on = {} }] of Object.entries(
    services,
  )) {
    for (const other of Object.keys(depends_on)) expect(services, name).toHaveProperty(other);
    if (build !== undefined) {
      const context = join(root, "deploy", build.context);
      expect(existsSync(join(context, build.dockerfile)), name).toBe(true);
    }
    for (const variable of Object.keys(environment))
      if (variable.startsWith("CAPI_")) expect([...known], name).toContain(variable);
    for (const volume of volumes) {
      const source = volume.split(":")[0] ?? "";
      if (/\.(?:yaml|json)$/.test(source))
        expect(existsSync(join(root, "deploy", source)), volume).toBe(true);
    }
  }
  expect(Object.keys(services)).toEqual(
    expect.arrayContaining(["cassandra", "rabbitmq", "daemon", "toolbelt"]),
  );
});

test("Grafana finds its source of figures and the folder of the dashboard", () => {
  const { grafana } = compose().services;
  const targets = (grafana?.volumes ?? []).map((volume) => volume.split(":"));
  const targetOf = (source: string): string =>
    targets.find(([from]) => from === `./${source}`)?.[1] ?? "";
  expect(targetOf("grafana/datasource.yaml")).toMatch("/etc/grafana/provisioning/datasources/");
  expect(targetOf("grafana/dashboards.yaml")).toMatch("/etc/grafana/provisioning/dashboards/");
  const source = parse(textOf("grafana/datasource.yaml")) as {
    readonly datasources: readonly { readonly url: string; readonly type: string }[];
  };
  const { url = "", type } = source.datasources[0] ?? {};
  expect(compose().services).toHaveProperty(new URL(url).hostname);
  expect(textOf("grafana-dashboard.json")).toContain(`"query": "${type}"`);
  const { providers } = parse(textOf("grafana/dashboards.yaml")) as {
    readonly providers: readonly { readonly options: { readonly path: string } }[];
  };
  expect(targetOf("grafana-dashboard.json").startsWith(`${providers[0]?.options.path}/`)).toBe(
    true,
  );
});

/** Sources of the COPY lines that take from the repository. */
const copiedBy = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => {
    const words = line.split(/\s+/);
    return words[0] === "COPY" && words[1]?.startsWith("--from") === false
      ? words.slice(1, -1)
      : [];
  });

test("every file that the image copies exists", () => {
  const copied = copiedBy(textOf("Dockerfile").split("\n"));
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("what the image copies before its build is enough to build both programs", () => {
  const lines = textOf("Dockerfile").split("\n");
  const beforeBuild = lines.slice(
    0,
    lines.findIndex((line) => line.includes("npm run build")),
  );
  const folder = temporaryFolder("image");
  for (const path of copiedBy(beforeBuild))
    cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  execFileSync("npm", ["run", "build"], { cwd: folder, stdio: "pipe" });
  const version = execFileSync(process.execPath, ["dist/toolbelt/main.js", "--version"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(version).toMatch(/\d+\.\d+\.\d+/);
  expect(existsSync(join(folder, "dist", "daemon", "main.js"))).toBe(true);
}, 120_000);

test("the image sets only settings that exist", () => {
  const known = new Set(KNOWN_SETTINGS.flatMap(({ env }) => env ?? []));
  const named = textOf("Dockerfile").match(/\bCAPI_\w+/g) ?? [];
  expect(named.filter((variable) => !known.has(variable))).toEqual([]);
});
