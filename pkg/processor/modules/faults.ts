import { Fault } from "#pkg/fault";
import type { ModuleProcessor } from "#pkg/script";
import type { SourceBlock } from "../port.ts";
import type { LoadedModule } from "./load-module.ts";

/** What the code of the module threw, with its line when the stack has one. */
export function thrownFault({ path }: LoadedModule, thrown: unknown): Fault {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const line = thrown instanceof Error ? lineIn(path, thrown.stack ?? "") : undefined;
  const place = line === undefined ? "" : ` [${path}, line ${line}]`;
  return new Fault("PROCESSOR_ROW", `${text}${place}`, {
    cause: thrown,
    facts: { module: path, ...(line === undefined ? {} : { line }) },
  });
}

/** loadModule names the file so in stacks; whoever formats stacks anew names the text itself. */
function lineIn(path: string, stack: string): number | undefined {
  const named = stack.replaceAll(/data:text\/javascript;base64,[\w+/=]*/g, () => encodeURI(path));
  const name = `${encodeURI(path)}:`;
  const at = named.indexOf(name);
  const [digits] = at < 0 ? [] : (/^\d+/.exec(named.slice(at + name.length)) ?? []);
  return digits === undefined ? undefined : Number(digits);
}

/** A page for which no single row can be blamed. */
export function pageFault(node: string, { from, rowset }: SourceBlock, fault: Fault): Fault {
  const rows = `rows ${from + 1} to ${from + rowset.rows} of the source table`;
  return new Fault(fault.code, `node ${node}, ${rows}: ${fault.message}`, {
    cause: fault,
    hint: fault.hint,
    facts: { ...fault.facts, node, tableRow: from, rows: rowset.rows },
  });
}

export const resultFault = (message: string): Fault => new Fault("PROCESSOR_RESULT", message);

export const absentFault = (node: string, name: string): Fault =>
  new Fault(
    "PROCESSOR_MODULE",
    `node ${node}: this process has no module for the processor ${name}`,
    {
      facts: { node, processor: name },
      hint: `Name the module with --processor ${name}=file or in the settings file (custom_processors.${name}.module).`,
    },
  );

export const changedFault = (
  node: string,
  { name, sha256 }: ModuleProcessor,
  { path, sha256: found }: LoadedModule,
): Fault =>
  new Fault(
    "PROCESSOR_CHANGED",
    `node ${node}: the run was started with another module for the processor ${name} than ${path}`,
    { facts: { node, processor: name, module: path, frozen: sha256, found } },
  );
