import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached } from "./cache.ts";
import { has, succeeds } from "./child.ts";

/** Series of Cassandra that tests run on, and the release of each. */
export const CASSANDRA = { "4.1": "4.1.10", "5.0": "5.0.5" } as const;
export type CassandraSeries = keyof typeof CASSANDRA;

const LOGBACK = "1.2.12";

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const pom = (cassandra: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>capillaries.test</groupId><artifactId>cassandra</artifactId>
<version>1</version><packaging>pom</packaging><dependencies>
${dependency("org.apache.cassandra", "cassandra-all", cassandra)}
${dependency("ch.qos.logback", "logback-classic", LOGBACK)}
</dependencies></project>
`;

/** The folder with the jars of Cassandra, fetched once by Maven. Throws with what is missing on this machine. */
export function cassandraJars(series: CassandraSeries): string {
  const version = CASSANDRA[series];
  return cached(`cassandra-${version}`, (folder) => {
    if (!has("java", "-version")) throw new Error("Cassandra needs Java 17: java is missing");
    if (!has("mvn")) throw new Error("the jars of Cassandra are fetched by Maven: mvn is missing");
    const project = dirname(folder);
    mkdirSync(folder);
    writeFileSync(join(project, "pom.xml"), pom(version));
    const args = ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"];
    if (!succeeds("mvn", [...args, `-DoutputDirectory=${folder}`], project))
      throw new Error(`the jars of Cassandra ${version} could not be fetched by Maven`);
  });
}
