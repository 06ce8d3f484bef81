import { expect, test } from "vitest";
import { roughProxy } from "../../../test/support/rough-proxy.ts";
import { withService } from "../../../test/support/services.ts";
import { until } from "../../../test/support/until.ts";
import { connect } from "./connect.ts";

withService("cassandra", ({ contactPoints, port, localDataCenter }) => {
  test("a database that answers after it was given up is let go of", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const [hostname = ""] = contactPoints;
    await using proxy = await roughProxy({ hostname, port: String(port) }, held);
    const settings = { hosts: ["127.0.0.1"], port: proxy.port, localDataCenter };
    await expect(connect(settings, 200)).rejects.toMatchObject({ code: "CLUSTER_UNAVAILABLE" });
    expect(proxy.connections()).toBeGreaterThan(0);
    release();
    await until("no connection is left", () => (proxy.connections() === 0 ? true : undefined));
  });
});
