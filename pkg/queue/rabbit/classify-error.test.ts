import { expect, test } from "vitest";
import { brokerAddress } from "./address.ts";
import { brokerFault } from "./classify-error.ts";

const ADDRESS = "amqp://mq:5672/";

const failed = (message: string, code?: string | number): unknown =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

/** As the client reported them. */
test.each([
  [failed("connect ECONNREFUSED 127.0.0.1:1", "ECONNREFUSED"), "QUEUE_UNAVAILABLE", true],
  [failed("getaddrinfo ENOTFOUND nowhere", "ENOTFOUND"), "QUEUE_UNAVAILABLE", true],
  [failed("connect ETIMEDOUT"), "QUEUE_UNAVAILABLE", true],
  [failed("Socket closed abruptly during opening handshake"), "QUEUE_UNAVAILABLE", true],
  [failed("Heartbeat timeout"), "QUEUE_UNAVAILABLE", true],
  [failed("Connection closed: 320 (CONNECTION-FORCED)", 320), "QUEUE_UNAVAILABLE", true],
  [
    failed('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "…"'),
    "QUEUE_REFUSED",
    false,
  ],
  [failed("Expected ConnectionOpenOk; got <ConnectionClose channel:0>"), "QUEUE_REFUSED", false],
  [failed("Channel closed by server: 406 (PRECONDITION-FAILED)", 406), "QUEUE_REFUSED", false],
  [failed("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"), "QUEUE_REFUSED", false],
  [failed("wrong version number", "EPROTO"), "QUEUE_REFUSED", false],
])("%s is %s", (error, code, retryable) => {
  const fault = brokerFault(error, ADDRESS);
  expect(fault).toMatchObject({ code, retryable });
  expect(fault.message).toContain(ADDRESS);
});

test("a broker that cuts a connection without TLS may want it, and one that has none is told from a wrong certificate", () => {
  const cut = failed("read ECONNRESET", "ECONNRESET");
  expect(brokerFault(cut, ADDRESS).hint).toContain("amqps");
  const early = failed("Socket closed abruptly during opening handshake");
  expect(brokerFault(early, ADDRESS).hint).toContain("amqps");
  expect(brokerFault(cut, "amqps://mq:5671/").hint).not.toContain("amqps");
  const text = "80FC:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:a.c:350:\n";
  const plain = brokerFault(failed(text, "ERR_SSL_WRONG_VERSION_NUMBER"), ADDRESS);
  expect(plain.message).toMatch(/does not speak TLS[^\n]*$/);
  const old = Object.assign(new Error(text), { code: "ERR_SSL_X", reason: "unsupported protocol" });
  expect(brokerFault(old, ADDRESS).message).toMatch(/: unsupported protocol$/);
  const host = Object.assign(
    failed("Hostname does not match", "ERR_TLS_CERT_ALTNAME_INVALID") as Error,
    { reason: "Host: mq." },
  );
  expect(brokerFault(host, ADDRESS).message).toMatch(/: Hostname does not match$/);
});

test("what is a Fault already stays what it is", () => {
  const fault = brokerFault(failed("x"), ADDRESS);
  expect(brokerFault(fault, "elsewhere")).toBe(fault);
});

test("the address that people see has neither user nor password", () => {
  expect(brokerAddress("amqp://ann:hunter2@mq/work").shown).toBe("amqp://mq:5672/work");
  expect(brokerAddress("amqps://ann:hunter2@mq").shown).toBe("amqps://mq:5671");
  expect(brokerAddress("amqp://mq?heartbeat=30").url).toContain("heartbeat=30");
});

test.each(["", "mq:5672", "http://mq", "amqp://"])("%o is no address of a broker", (text) => {
  expect(() => brokerAddress(text)).toThrow("amqp.url");
});
