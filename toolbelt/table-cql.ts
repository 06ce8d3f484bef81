import { affectedNodes } from "#pkg/workflow";
import { checkKeyspaceName, checkStartNodes, tableCql } from "#pkg/operator";
import type { Context } from "./context.ts";
import { readScriptOf, type ScriptFlags } from "./diagram.ts";
import { EXIT } from "./exit-code.ts";

interface CqlFlags extends ScriptFlags {
  readonly keyspace: string;
  readonly run_id: number;
  readonly start_nodes?: readonly string[];
}

/** `get_table_cql`: statements on stdout, without connecting to anything. */
export async function printTableCql(context: Context, flags: CqlFlags): Promise<number> {
  checkKeyspaceName(flags.keyspace);
  const script = await readScriptOf(context, flags);
  const nodes = affectedNodes(script, checkStartNodes(script, flags.start_nodes));
  context.out(tableCql(script, { keyspace: flags.keyspace, run: flags.run_id, nodes }));
  return EXIT.success;
}
