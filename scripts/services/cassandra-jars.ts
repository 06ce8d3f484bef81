import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { has, succeeds } from "./child.ts";

const VERSIONS = { cassandra: "5.0.5", logback: "1.2.12" } as const;

const cache = (): string =>
  process.env["CAPI_SERVICES_CACHE"] ?? join(homedir(), ".cache", "capillaries");

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const pom = (cassandra: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>capillaries.test</groupId><artifactId>cassandra</artifactId>
<version>1</version><packaging>pom</packaging><dependencies>
${dependency("org.apache.cassandra", "cassandra-all", cassandra)}
${dependency("ch.qos.logback", "logback-classic", VERSIONS.logback)}
</dependencies></project>
`;

/**
 * The folder with the jars of Cassandra, fetched once by Maven into the user's cache (CAPI_SERVICES_CACHE names another
 * place). Throws with what is missing on this machine.
 */
export function cassandraJars(version: string = VERSIONS.cassandra): string {
  const lib = join(cache(), `cassandra-${version}`);
  if (existsSync(lib)) return lib;
  if (!has("java", "-version")) throw new Error("Cassandra needs Java 17: java is missing");
  if (!has("mvn")) throw new Error("the jars of Cassandra are fetched by Maven: mvn is missing");
  mkdirSync(cache(), { recursive: true });
  const folder = mkdtempSync(join(cache(), "fetch-"));
  try {
    writeFileSync(join(folder, "pom.xml"), pom(version));
    const args = ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"];
    if (!succeeds("mvn", [...args, "-DoutputDirectory=lib"], folder))
      throw new Error(`the jars of Cassandra ${version} could not be fetched by Maven`);
    // Whoever is first wins; the jars are the same.
    if (!existsSync(lib)) renameSync(join(folder, "lib"), lib);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return lib;
}
