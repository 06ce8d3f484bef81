import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "#pkg/transfer";
import { transferSettings } from "#pkg/config";

const none = { privateKeys: {} };

test("an empty environment gives defaults", () => {
  const settings = transferSettings({ HOME: "/home/me" }, none);
  expect(settings).toMatchObject({
    httpHeaders: {},
    privateKeys: {},
    passphrases: {},
    knownHosts: ["/home/me/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"],
    s3: { pathStyle: false, checksums: "when_required" },
    limits: DEFAULT_LIMITS,
  });
});

test("keys, hosts, headers and stores are named by variables, secrets by reference", () => {
  const given = {
    authoritiesFolder: "/ca",
    privateKeys: { ann: "~/.ssh/ann", bob: "/keys/bob" },
  };
  const env = {
    HOME: "/home/me",
    CAPI_PRIVATE_KEY_PASSPHRASES: '{"ann": "secret://ANN"}',
    CAPI_SECRET_ANN: "open sesame",
    CAPI_KNOWN_HOSTS: "/a:/b",
    CAPI_HTTP_HEADERS: '{"host": {"authorization": "secret://ANN", "x": "y"}}',
    CAPI_S3_ENDPOINT: "http://store:9000",
    CAPI_S3_REGION: "eu",
    CAPI_S3_PATH_STYLE: "true",
    CAPI_S3_CHECKSUMS: "when_supported",
    CAPI_MAX_DOWNLOAD_MB: "2",
    CAPI_STALL_SECONDS: "5",
  };
  const settings = transferSettings(env, given);
  expect(settings).toMatchObject({
    caFolder: "/ca",
    privateKeys: { ann: "/home/me/.ssh/ann", bob: "/keys/bob" },
    passphrases: { ann: "open sesame" },
    knownHosts: ["/a", "/b"],
    httpHeaders: { host: { authorization: "open sesame", x: "y" } },
    s3: {
      endpoint: "http://store:9000",
      region: "eu",
      pathStyle: true,
      checksums: "when_supported",
    },
    limits: { maxBytes: 2 * 2 ** 20, stallMs: 5000 },
  });
});

test.each([
  [{ CAPI_HTTP_HEADERS: "{" }, "CAPI_HTTP_HEADERS cannot be used: it is no JSON object"],
  [{ CAPI_HTTP_HEADERS: "[]" }, "it is no JSON object"],
  [{ CAPI_PRIVATE_KEY_PASSPHRASES: '{"a": 5}' }, "a value in it has another form"],
  [{ CAPI_HTTP_HEADERS: '{"a": "b"}' }, "a value in it has another form"],
  [
    { CAPI_PRIVATE_KEY_PASSPHRASES: '{"a": "secret://X"}' },
    "CAPI_SECRET_X cannot be used: it is not set",
  ],
  [{ CAPI_S3_ENDPOINT: "store" }, "it is an address"],
  [{ CAPI_S3_CHECKSUMS: "always" }, "when_required or when_supported"],
  [{ CAPI_STALL_SECONDS: "-1" }, "it is a number above 0"],
])("%j is refused", (env, message) => {
  expect(() => transferSettings(env, none)).toThrow(message);
});
