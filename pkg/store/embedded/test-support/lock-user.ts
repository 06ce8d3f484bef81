import { once } from "node:events";
import { ControlEnvironment } from "../control-environment.ts";
import { keys } from "../control-keys.ts";

/**
 * A process that writes to the control store in the folder of its second argument. Its first says how: `stops` inside the
 * transaction, `opens` and writes at once, or `waits` for a message between the two.
 */
const [, , manner, folder = ""] = process.argv;

const environment = new ControlEnvironment(folder, false);
if (manner === "waits") {
  process.send?.("open");
  await once(process, "message");
}
environment.writeNow((transaction) => {
  process.send?.("inside");
  transaction.put(keys.header, { format: 1, boot: manner ?? "" });
  if (manner === "stops") process.kill(process.pid, "SIGSTOP");
});
process.send?.("written");
setInterval(() => undefined, 1000);
