import { setTimeout as delay } from "node:timers/promises";
import { examine, type Finding } from "#pkg/operator";
import { openFolderLeftovers } from "#pkg/store/embedded";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation, type Installation } from "./installation.ts";
import { openControl, type WorkingControl } from "./open-control.ts";

interface DoctorStyle {
  readonly folder: string;
  readonly json: boolean;
  readonly fix: boolean;
  readonly quick: boolean;
}

/** What a finding says and what became of it. */
interface Line extends Omit<Finding, "fix"> {
  /** Whether --fix repairs it. */
  readonly fixable: boolean;
  readonly fixed: boolean;
}

/** Prints every finding; 0 when there is none or all are repaired, 1 otherwise. */
export async function examineFolder(context: Context, style: DoctorStyle): Promise<number> {
  await using installation = await openInstallation(context, style.folder, { create: false });
  await using working = await openControl(context, installation, false);
  const { store } = installation;
  const ports = {
    ...installation.ports,
    control: working.control,
    session: working.session,
    isSessionDead: (session: string) => working.isSessionDead(session),
    ...(installation.leftovers === undefined ? {} : { cluster: installation.leftovers }),
    ...(store.kind === "embedded" ? { leftovers: openFolderLeftovers(store.folder) } : {}),
  };
  if (!style.quick) await watchSessions(context, installation, working);
  const lines: Line[] = [];
  for await (const { fix, ...finding } of examine(ports, { reads: !style.quick })) {
    const fixed = style.fix && fix !== undefined;
    if (fixed) await fix();
    const line = { ...finding, fixable: fix !== undefined, fixed };
    lines.push(line);
    if (!style.json) context.out(`${textOf(line)}\n`);
  }
  const left = lines.filter(({ fixed }) => !fixed);
  if (style.json)
    context.out(`${JSON.stringify({ installation: installation.name, findings: lines })}\n`);
  else context.err(`${conclusionOf(lines, left)}\n`);
  return left.length > 0 ? EXIT.nodeFailed : EXIT.success;
}

const DEFAULT_LEASE_SECONDS = 30;
const LOOK_MS = 500;

/** Whether a process of another machine is alive shows only in whether it renews its lease in time. */
async function watchSessions(
  context: Context,
  { ports: { store }, settings }: Installation,
  working: WorkingControl,
): Promise<void> {
  const others = (await store.sessions()).filter(
    ({ session, host }) => session !== working.session && host !== context.host,
  );
  if (others.length === 0) return;
  const seconds = settings.leaseSeconds ?? DEFAULT_LEASE_SECONDS;
  const processes = others.length === 1 ? "a process" : `${others.length} processes`;
  context.err(`watching ${processes} of other machines for ${seconds} s (not with --quick)\n`);
  const until = performance.now() + seconds * 1000;
  const counters = new Map(others.map(({ session, counter }) => [session, counter]));
  for (const { session } of others) await working.isSessionDead(session);
  while (counters.size > 0 && performance.now() < until) {
    await delay(LOOK_MS);
    for (const { session, counter } of await store.sessions())
      if (counters.get(session) !== counter) counters.delete(session);
  }
}

const textOf = ({ kind, place, message, repair, fixed }: Line): string =>
  `${kind}: ${place}: ${message}\n  → ${fixed ? "done: " : ""}${repair}`;

function conclusionOf(lines: readonly Line[], left: readonly Line[]): string {
  if (lines.length === 0) return "nothing is wrong";
  const fixable = left.filter((line) => line.fixable).length;
  const hint = fixable > 0 ? `, ${fixable} of them repaired by --fix` : "";
  return `${lines.length} found, ${lines.length - left.length} repaired, ${left.length} left${hint}`;
}
