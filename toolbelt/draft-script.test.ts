import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { serve } from "../pkg/transfer/test-support/http-server.ts";
import { openConsole } from "./test-support/console.ts";

const SLOW = 60_000;
const CSV =
  'id,name,price,at\n1,"Smith, Ann",1.50,2024-01-02\n2,Bob,20.00,2024-02-03\n3,,,2024-03-04\n';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-init-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test(
  "init from a file writes a script that runs as it is and gives the same rows",
  async () => {
    const cwd = folderWith({ "orders.csv": CSV });
    const console = openConsole(cwd);
    expect(await console.run("init", "from", "orders.csv", "--out", "orders.yaml")).toBe(0);
    expect(console.out()).toBe("");
    expect(console.err()).toMatch(/^what +found +confidence +why\n/);
    expect(console.err()).toContain("capitoolbelt run orders.yaml");
    expect(readFileSync(join(cwd, "orders.yaml"), "utf8")).toContain('urls: ["orders.csv"]');
    expect(readFileSync(join(cwd, "orders.yaml"), "utf8")).toContain("# likely: 2 cells, 1 empty");
    const script = join(cwd, "orders.yaml");
    writeFileSync(
      script,
      readFileSync(script, "utf8").replace('"out/orders.csv"', JSON.stringify(join(cwd, "o.csv"))),
    );
    expect(await console.run("run", script), console.err()).toBe(0);
    expect(readFileSync(join(cwd, "o.csv"), "utf8")).toBe(CSV.replace("3,,,", "3,,0.00,"));
  },
  SLOW,
);

const ROWS = 'id,name\n1,Zoë\n2,"a ""b"""\n';
const JSON_ROWS = '{"id":1,"name":"Zoë"}\n{"id":2,"name":"a \\"b\\""}\n';

/** A header and a row of so many columns. */
const wide = (columns: number): string =>
  ["c", ""]
    .map((prefix) => `${Array.from({ length: columns }, (_, at) => `${prefix}${at}`).join(",")}\n`)
    .join("");

test.each<readonly [string, Uint8Array, string]>([
  ["latin.csv", Buffer.from(ROWS, "latin1"), ROWS],
  ["wide.csv", Buffer.from(`\ufeff${ROWS}`, "utf16le"), ROWS],
  ["packed.csv.gz", gzipSync(ROWS), ROWS],
  ["lines.ndjson", Buffer.from(JSON_ROWS), JSON_ROWS],
])(
  "init from %s over http with credentials gives a script that runs as it is",
  async (name, content, rows) => {
    await using server = await serve((request, response) => {
      const isKnown = request.headers.authorization === "token open sesame";
      if (isKnown && request.url?.startsWith(`/${name}`) === true) response.end(content);
      else response.writeHead(403).end();
    });
    const cwd = folderWith({});
    const { host } = new URL(server.url);
    const secrets = {
      CAPI_HTTP_HEADERS: JSON.stringify({ [host]: { authorization: "secret://WEB" } }),
      CAPI_SECRET_WEB: "token open sesame",
    };
    const url = `${server.url}/${name}?signature=hidden.sesame`;
    const console = openConsole(cwd, { env: secrets });
    expect(await console.run("init", "from", url, "--out", "s.yaml"), console.err()).toBe(0);
    expect(console.err()).not.toContain("sesame");
    const script = join(cwd, "s.yaml");
    const [target] = /"out\/[^"]*"/.exec(readFileSync(script, "utf8")) ?? [];
    expect(target).not.toContain("sesame");
    const out = join(cwd, "o");
    writeFileSync(script, readFileSync(script, "utf8").replace(target ?? "", JSON.stringify(out)));
    expect(await console.run("run", script), console.err()).toBe(0);
    expect(readFileSync(out, "utf8")).toBe(rows);
    expect(await openConsole(cwd).run("init", "from", url)).toBe(1);
  },
  SLOW,
);

test.each<readonly [string, string, string, string]>([
  [
    "equal names",
    "id,id,%,\n1,2,3,4\n",
    "columns by position",
    "id,id_2,column_002,column_003\n1,2,3,4\n",
  ],
  ["names of parameters", "{id},n\n1,2\n", "columns by position", "f__id_,n\n1,2\n"],
  ["quoted lines", 'a,"b\nc"\n1,"x\ny"\n', "names above values", 'a,"b\nc"\n1,"x\ny"\n'],
  ["a header only", "a,b\n", "every cell is empty", "a,b\n"],
  ["telephone numbers", "n,at\n+4930123456,0\n", "string", "n,at\n+4930123456,0\n"],
  ["1,000 columns", wide(1000), "254 of 1000", wide(254)],
])(
  "init from a file with %s gives a script that runs as it is",
  async (_, content, found, rows) => {
    const cwd = folderWith({ "a.csv": content });
    const console = openConsole(cwd);
    expect(await console.run("init", "from", "a.csv", "--out", "a.yaml"), console.err()).toBe(0);
    expect(console.err()).toContain(found);
    expect(await console.run("run", join(cwd, "a.yaml")), console.err()).toBe(0);
    expect(readFileSync(join(cwd, "out", "a.csv"), "utf8")).toBe(rows);
  },
  SLOW,
);

test("init prints the script without --out, and never replaces a file", async () => {
  const cwd = folderWith({ "a.tsv": "1\tx\n2\ty\n", "a.yaml": "mine" });
  const console = openConsole(cwd);
  expect(await console.run("init", "from", "a.tsv")).toBe(0);
  expect(console.out()).toContain('separator: "\\t"');
  expect(await console.run("init", "from", "a.tsv", "--out", "a.yaml")).toBe(2);
  expect(console.err()).toContain("it exists already");
  expect(readFileSync(join(cwd, "a.yaml"), "utf8")).toBe("mine");
});

test.each([
  ["out/a.csv", "out/copy_of_a.csv"],
  ["./out/../out/a.csv", "out/copy_of_a.csv"],
  ["out/b/a.csv", "out/a.csv"],
])("a script for %s does not write over what it reads", async (input, output) => {
  const cwd = folderWith({});
  mkdirSync(join(cwd, "out", "b"), { recursive: true });
  writeFileSync(join(cwd, input), CSV);
  const console = openConsole(cwd);
  expect(await console.run("init", "from", input), console.err()).toBe(0);
  expect(console.out()).toContain(`url_template: "${output}"`);
});

test.each([
  [["init", "of", "a.csv"], 2, "init from"],
  [["init", "from", "a.csv", "--out", "a.json"], 2, "must end with .yaml"],
  [["init", "from", "none.csv"], 1, "none.csv"],
  [["init", "from", "{day}.csv"], 2, "for a parameter"],
  [["init", "from", "a.csv", "--out", "no/a.yaml"], 1, "no/a.yaml: its folder does not exist\n"],
  [["proto_file_reader_creator", "-file=none.csv"], 1, "none.csv"],
  [["proto_file_reader_creator", "-file=a.csv", "-file_type=xml"], 2, "csv or parquet"],
  [["proto_file_reader_creator", "-file=a.csv", "-csv_separator="], 2, "must not be empty"],
  [["proto_file_reader_creator", "-file=a.csv", "-csv_hdr_line_idx=-2"], 2, "at least -1"],
  [["proto_file_reader_creator", "-file=a.csv", "-csv_hdr_line_idx=0"], 2, "must stand before"],
  [["proto_file_reader_creator", "-file=a.csv", "-file_type=parquet"], 1, "Parquet"],
])("%j is refused", async (args, code, message) => {
  const console = openConsole(folderWith({ "a.csv": CSV }));
  expect(await console.run(...args)).toBe(code);
  expect(console.err()).toContain(message);
});

test(
  "proto_file_reader_creator prints a script that runs from its quick-test folders",
  async () => {
    const cwd = folderWith({ "people.csv": "name\tn\nann\t1\nbob\t22\n" });
    const console = openConsole(cwd);
    const flags = ["-file_type=csv", "-csv_hdr_line_idx=0", "-csv_first_line_idx=1"];
    expect(
      await console.run(
        "proto_file_reader_creator",
        ...flags,
        "-csv_separator=\t",
        "-file=people.csv",
      ),
    ).toBe(0);
    const text = console.out();
    expect(text.startsWith('{\n "nodes": {\n  "read_file": {\n')).toBe(true);
    const input = /"(.*capi_in\/proto_file_reader_creator_quicktest\/people\.csv)"/.exec(text)?.[1];
    const output = /"url_template": "(.*capi_out\/.*\/people\.csv)"/.exec(text)?.[1];
    expect([input, output].every((url) => url?.startsWith(tmpdir()))).toBe(true);
    const own = text
      .replace(input ?? "", join(cwd, "people.csv"))
      .replace(output ?? "", join(cwd, "o.csv"));
    writeFileSync(join(cwd, "people.json"), own);
    mkdirSync(join(cwd, "data"));
    const run = ["run", join(cwd, "people.json"), "--start", "read_file"];
    expect(await console.run(...run), console.err()).toBe(0);
    expect(existsSync(join(cwd, "o.csv"))).toBe(true);
    expect(readFileSync(join(cwd, "o.csv"), "utf8")).toBe("name,n\nann,1\nbob,22\n");
  },
  SLOW,
);
