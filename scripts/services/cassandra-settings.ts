/** One node of a test cluster: everything in its own folder, on loopback only. */
export interface CassandraNodeSettings {
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly storagePort: number;
  readonly seed: string;
  readonly heapMb: number;
  /** More lines of cassandra.yaml. */
  readonly more: readonly string[];
}

export const cassandraYaml = (node: CassandraNodeSettings): string =>
  [
    "cluster_name: test",
    "num_tokens: 4",
    "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
    `data_file_directories: [${node.folder}/data]`,
    `commitlog_directory: ${node.folder}/commitlog`,
    `saved_caches_directory: ${node.folder}/saved_caches`,
    `hints_directory: ${node.folder}/hints`,
    `cdc_raw_directory: ${node.folder}/cdc_raw`,
    ...(node.more.some((line) => line.startsWith("commitlog_sync:"))
      ? []
      : ["commitlog_sync: periodic", "commitlog_sync_period: 10s"]),
    "endpoint_snitch: SimpleSnitch",
    "seed_provider:",
    "  - class_name: org.apache.cassandra.locator.SimpleSeedProvider",
    `    parameters: [{seeds: "${node.seed}:${node.storagePort}"}]`,
    `listen_address: ${node.address}`,
    `rpc_address: ${node.address}`,
    `storage_port: ${node.storagePort}`,
    `native_transport_port: ${node.port}`,
    "start_native_transport: true",
    "auto_snapshot: false",
    "auto_bootstrap: false",
    "concurrent_reads: 16",
    "concurrent_writes: 16",
    "memtable_offheap_space: 64MiB",
    `memtable_heap_space: ${Math.floor(node.heapMb / 6)}MiB`,
    "commitlog_total_space: 256MiB",
    "file_cache_size: 32MiB",
    "key_cache_size: 4MiB",
    "networking_cache_size: 16MiB",
    ...node.more,
    "",
  ].join("\n");

export const logbackXml = (folder: string): string => `<configuration>
  <appender name="F" class="ch.qos.logback.core.FileAppender"><file>${folder}/system.log</file>
  <encoder><pattern>%-5level %date{ISO8601} %F:%L - %msg%n</pattern></encoder></appender>
  <root level="WARN"><appender-ref ref="F"/></root>
</configuration>
`;

const EXPORTS = [
  "java.base/jdk.internal.misc",
  "java.base/jdk.internal.ref",
  "java.base/sun.nio.ch",
  "java.management.rmi/com.sun.jmx.remote.internal.rmi",
  "java.rmi/sun.rmi.registry",
  "java.rmi/sun.rmi.server",
  "java.sql/java.sql",
  "java.base/java.lang.ref",
];
const OPENS = [
  "java.base/java.lang.module",
  "java.base/jdk.internal.loader",
  "java.base/jdk.internal.ref",
  "java.base/jdk.internal.reflect",
  "java.base/jdk.internal.math",
  "java.base/jdk.internal.module",
  "java.base/jdk.internal.util.jar",
  "jdk.management/com.sun.management.internal",
  "java.base/sun.nio.ch",
  "java.base/java.io",
  "java.base/java.lang",
  "java.base/java.lang.reflect",
  "java.base/java.util",
  "java.base/java.util.concurrent",
  "java.base/java.util.concurrent.atomic",
  "java.base/java.nio",
];

/** Flags of the JVM; Java 17 needs the lists of modules. */
export const javaArguments = (
  { folder, heapMb }: CassandraNodeSettings,
  jars: string,
): readonly string[] => [
  `-Xms${heapMb}M`,
  `-Xmx${heapMb}M`,
  "-Xss512k",
  "-XX:+UseSerialGC",
  "-XX:MaxDirectMemorySize=256M",
  ...EXPORTS.flatMap((name) => ["--add-exports", `${name}=ALL-UNNAMED`]),
  ...OPENS.flatMap((name) => ["--add-opens", `${name}=ALL-UNNAMED`]),
  "-Djdk.attach.allowAttachSelf=true",
  "-Djava.net.preferIPv4Stack=true",
  `-Dcassandra.config=file://${folder}/conf/cassandra.yaml`,
  `-Dcassandra.storagedir=${folder}`,
  `-Dlogback.configurationFile=${folder}/conf/logback.xml`,
  "-Dcassandra.skip_wait_for_gossip_to_settle=0",
  "-Dcassandra.ring_delay_ms=2000",
  "-Dcassandra.consistent.rangemovement=false",
  "-Dcassandra.superuser_setup_delay_ms=0",
  "-Dcassandra-foreground=yes",
  "-Dio.netty.tryReflectionSetAccessible=true",
  "-cp",
  `${folder}/conf:${jars}/*`,
  "org.apache.cassandra.service.CassandraDaemon",
];
