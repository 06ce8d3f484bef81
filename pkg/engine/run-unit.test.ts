import { expect, test } from "vitest";
import { fileTable, tableFile } from "./test-support/nodes.ts";
import { ScriptRun } from "./test-support/run-script.ts";

const ORDERS = { id: "int", customer: "string", amount: "decimal2" };

test("a file becomes a table and the table becomes a file", async () => {
  const run = new ScriptRun({ "in/orders.csv": "id,customer,amount\n1,ann,1.50\n2,bob,2.255\n" });
  await run.run({
    ...fileTable("orders", ["in/orders.csv"], ORDERS),
    ...tableFile("orders", ORDERS),
  });
  expect(run.files.finished.get("out/orders.csv")).toBe(
    "id,customer,amount\n1,ann,1.50\n2,bob,2.26\n",
  );
});
