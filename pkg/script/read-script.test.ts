import { describe, expect, test } from "vitest";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Fault } from "#pkg/fault";
import { type Problem, type Script } from "./index.ts";
import { readScript } from "./read-script.ts";
import { faultThrown } from "../../test/support/fault-of.ts";
import schema from "./schema.json" with { type: "json" };

type Json = Record<string, unknown>;

const POLICY = { is_default: true, event_priority_order: "run_id", rules: [] };

const field = (expression: string, type: string, more: Json = {}): Json => ({
  expression,
  type,
  ...more,
});

const READ = {
  type: "file_table",
  r: {
    urls: ["in/a.csv", "in/b.csv"],
    csv: { hdr_line_idx: 2, first_data_line_idx: 3, separator: ";" },
    columns: {
      c_id: { csv: { col_hdr: "id", col_format: "%d" }, col_type: "int", col_default_value: "7" },
      c_who: { csv: { col_hdr: "who" }, col_type: "string", col_default_value: " " },
    },
  },
  w: {
    name: "people",
    fields: { id: field("r.c_id", "int"), who: field("r.c_who", "string") },
    indexes: { idx_to_check_uniq: "non_unique(who(ignore_case))" },
    table_options: "WITH x",
  },
};
const columns = (header: string) => [
  { csv: { header, format: "%05d" }, name: "id", expression: "r.id", type: "int" },
];
const WRITE = {
  type: "table_file",
  r: { table: "people" },
  w: { url_template: "out/people.csv", columns: columns("id") },
};

const scriptText = (nodes: Json, policies: Json = { standard: POLICY }): string =>
  JSON.stringify({ nodes, dependency_policies: policies });

const read = (nodes: Json, policies?: Json) =>
  readScript({ file: "script.json", text: scriptText(nodes, policies) });

const script = (nodes: Json, policies?: Json): Script => read(nodes, policies).script;

const faultOf = (text: string, file = "script.json"): Fault =>
  faultThrown(() => readScript({ file, text }));

const problemsOf = (nodes: Json, policies?: Json): readonly Problem[] =>
  faultOf(scriptText(nodes, policies)).facts["problems"] as readonly Problem[];

describe("a script of Parquet files", () => {
  const parquet = (codec?: string) => ({
    read: {
      ...READ,
      r: {
        urls: ["in/a.parquet"],
        columns: {
          c_id: { parquet: { col_name: "ID" }, col_type: "int", col_default_value: "7" },
          c_who: { parquet: { col_name: "who" }, col_type: "string" },
        },
      },
    },
    write: {
      ...WRITE,
      w: {
        url_template: "out/b.parquet",
        columns: [{ parquet: { column_name: "ID" }, name: "id", expression: "r.id", type: "int" }],
        ...(codec === undefined ? {} : { parquet: { codec } }),
      },
    },
  });

  test("finds columns by name, and says that default texts have no effect", () => {
    const {
      script: { nodes },
      warnings,
    } = read(parquet());
    expect(nodes[0]).toMatchObject({
      reader: {
        format: "parquet",
        urls: ["in/a.parquet"],
        columns: [
          { name: "c_id", type: "int", header: "ID" },
          { name: "c_who", type: "string", header: "who" },
        ],
      },
    });
    expect(warnings.map(({ path }) => path)).toEqual([
      "nodes.read.r.columns.c_id.col_default_value",
    ]);
  });

  test.each([
    [undefined, "gzip"],
    ["", "gzip"],
    ["snappy", "snappy"],
    ["uncompressed", "uncompressed"],
  ])("with the codec %j writes %s", (codec, expected) => {
    const [, node] = script(parquet(codec)).nodes;
    expect(node).toMatchObject({
      writer: { format: "parquet", codec: expected, columns: [{ header: "ID", format: "" }] },
    });
  });
});

describe("a script of NDJSON and other encodings", () => {
  const ndjson = (reader: Json = {}, writer: Json = {}, format?: string) => ({
    read: {
      ...READ,
      r: {
        urls: ["in/a.ndjson.gz"],
        columns: {
          c_id: { ndjson: { col_name: "id" }, col_type: "int", col_default_value: "7" },
          c_who: { ndjson: { col_name: "who" }, col_type: "string" },
          c_at: { ndjson: { col_name: "at" }, col_type: "datetime" },
          c_on: { ndjson: { col_name: "on", col_format: "2006-01-02" }, col_type: "datetime" },
        },
        ...reader,
      },
    },
    write: {
      ...WRITE,
      w: {
        url_template: "out/b.ndjson.gz",
        columns: [
          {
            ndjson: { column_name: "ID", ...(format === undefined ? {} : { format }) },
            name: "id",
            expression: "r.id",
            type: "int",
          },
          { ndjson: { column_name: "who" }, name: "who", expression: "r.who", type: "string" },
        ],
        ...writer,
      },
    },
  });

  test("members are found by name; datetimes are RFC 3339 unless a format says otherwise", () => {
    const [reading, writing] = script(ndjson()).nodes;
    expect(reading).toMatchObject({
      reader: {
        format: "ndjson",
        columns: [
          { name: "c_id", header: "id", format: "", defaultText: "7" },
          { name: "c_who", header: "who", format: "" },
          { name: "c_at", header: "at", format: "2006-01-02T15:04:05Z07:00" },
          { name: "c_on", header: "on", format: "2006-01-02" },
        ],
      },
    });
    expect(writing).toMatchObject({
      writer: { format: "ndjson", columns: [{ header: "ID", format: "" }, { header: "who" }] },
    });
  });

  test("encodings are named beside the other settings of a format", () => {
    const [reading, writing] = script(
      ndjson({ ndjson: { encoding: "utf-16le" } }, { ndjson: { encoding: "utf-8-bom" } }),
    ).nodes;
    expect(reading).toMatchObject({ reader: { charset: "utf-16le" } });
    expect(writing).toMatchObject({ writer: { charset: "utf-8-bom" } });
    const read = { ...READ, r: { ...READ.r, csv: { ...READ.r.csv, encoding: "latin1" } } };
    const write = { ...WRITE, w: { ...WRITE.w, csv: { encoding: "utf-16be" } } };
    const [csv, out] = script({ read, write }).nodes;
    expect(csv).toMatchObject({ reader: { format: "csv", charset: "latin1" } });
    expect(out).toMatchObject({ writer: { format: "csv", charset: "utf-16be" } });
  });

  test("mixed kinds, unknown encodings and formats that do not fit are problems", () => {
    const { read, write } = ndjson({ ndjson: { encoding: "ebcdic" } }, {}, "%d");
    expect(problemsOf({ read, write }).map(({ code, path }) => [code, path])).toEqual([
      ["SHAPE", "nodes.read.r.ndjson.encoding"],
    ]);
    expect(problemsOf(ndjson({}, {}, "%s")).map(({ code }) => code)).toEqual(["FORMAT"]);
    const mixed = {
      read: {
        ...READ,
        r: {
          ...READ.r,
          columns: { ...READ.r.columns, c_id: { ndjson: { col_name: "id" }, col_type: "int" } },
        },
      },
      write: {
        ...WRITE,
        w: {
          ...WRITE.w,
          columns: [
            { ndjson: { column_name: "id" }, name: "x", expression: "r.id", type: "int" },
            ...columns("id"),
          ],
        },
      },
    };
    expect(
      problemsOf(mixed)
        .filter(({ severity }) => severity === "error")
        .map(({ code }) => code),
    ).toEqual(["SHAPE", "SHAPE"]);
  });
});

describe("a valid script", () => {
  test("becomes plain data with every default filled in", () => {
    const nodes = { read: READ, write: { ...WRITE, desc: "d", start_policy: "manual" } };
    expect(script(nodes)).toEqual({
      dialect: "latest",
      nodes: [
        {
          kind: "file_table",
          name: "read",
          description: "",
          startPolicy: "auto",
          rerunPolicy: "rerun",
          place: { file: "script.json", line: 1, column: 11 },
          reader: {
            format: "csv",
            urls: ["in/a.csv", "in/b.csv"],
            separator: ";",
            headerIndex: 2,
            firstDataIndex: 3,
            byHeader: true,
            columns: [
              { name: "c_id", type: "int", header: "id", index: 0, format: "%d", defaultText: "7" },
              {
                name: "c_who",
                type: "string",
                header: "who",
                index: 0,
                format: "",
                defaultText: " ",
              },
            ],
          },
          writer: {
            table: "people",
            fields: [
              { name: "id", type: "int", expression: "r.c_id", defaultText: "" },
              { name: "who", type: "string", expression: "r.c_who", defaultText: "" },
            ],
            having: "",
            indexes: [
              {
                name: "idx_to_check_uniq",
                unique: false,
                components: [{ field: "who", type: "string", descending: false, ignoreCase: true }],
              },
            ],
          },
        },
        {
          kind: "table_file",
          name: "write",
          description: "d",
          startPolicy: "manual",
          rerunPolicy: "rerun",
          policy: "standard",
          place: { file: "script.json", line: 1, column: expect.any(Number) as number },
          reader: { table: "people", rowsetSize: 1000 },
          writer: {
            format: "csv",
            urlTemplate: "out/people.csv",
            separator: ",",
            dialect: "rfc4180",
            columns: [
              { name: "id", type: "int", expression: "r.id", header: "id", format: "%05d" },
            ],
            having: "",
          },
        },
      ],
      policies: [
        {
          name: "standard",
          isDefault: true,
          vocabulary: "nrs",
          order: [{ field: "run_id", type: "int", descending: false, ignoreCase: false }],
          rules: [],
        },
      ],
    });
  });

  test("is plain data: JSON and structured clone keep it as it is, and reading again gives the same", () => {
    const one = script({ read: READ, use: LOOKUP, write: WRITE });
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
    expect(structuredClone(one)).toEqual(one);
    expect(script({ read: READ, use: LOOKUP, write: WRITE })).toEqual(one);
  });

  test("pairs lookup fields by name when all names occur, else by position", () => {
    const two = {
      ...READ,
      w: { ...READ.w, indexes: { idx_two: "unique(id, who)" } },
    };
    const use = (join_on: string, name: string) => ({
      ...LOOKUP,
      l: { ...LOOKUP.l, index_name: "idx_two", join_on },
      w: { ...LOOKUP.w, name },
    });
    const copy = {
      type: "table_table",
      r: { table: "people" },
      w: { name: "other", fields: { no: field("r.id", "int"), name: field("r.who", "string") } },
    };
    const nodes = {
      read: two,
      copy,
      named: use("r.who, r.id", "t1"),
      placed: { ...use("r.no,r.name", "t2"), r: { table: "other" }, w: { name: "t2", fields: {} } },
    };
    const lookups = script(nodes).nodes.flatMap((node) =>
      node.kind === "table_lookup_table" ? [node.lookup] : [],
    );
    expect(lookups.map(({ leftFields }) => leftFields)).toEqual([
      ["id", "who"],
      ["no", "name"],
    ]);
    expect(lookups[0]).toMatchObject({
      index: "idx_two",
      table: "people",
      join: "left",
      group: true,
      filter: "l.id > 0",
    });
  });

  test("keeps batches, sizes, top and the byte-exact dialect", () => {
    const write = {
      ...WRITE,
      r: { table: "people", expected_batches_total: 3, rowset_size: 10 },
      w: {
        ...WRITE.w,
        url_template: "out/{batch_idx}.csv",
        csv: { separator: "||", dialect: "capillaries" },
        having: "w.id > 0",
        top: { order: "id(desc)", limit: 5 },
      },
    };
    const zero = { ...WRITE, r: { table: "people", expected_batches_total: 0, rowset_size: 0 } };
    const none = {
      ...zero,
      w: { ...WRITE.w, url_template: "b.csv", top: { order: "id", limit: 0 } },
    };
    const [, one, two, three] = script({ read: READ, write, zero, none }).nodes;
    expect(one).toMatchObject({
      reader: { batches: 3, rowsetSize: 10 },
      writer: {
        urlTemplate: "out/{batch_idx|string}.csv",
        separator: "||",
        dialect: "capillaries",
        having: "w.id > 0",
        top: { order: [{ field: "id", descending: true }], limit: 5 },
      },
    });
    expect(two).toMatchObject({ reader: { batches: 1, rowsetSize: 1000 } });
    expect(three).toMatchObject({ writer: { top: { limit: 5_000_000 } } });
  });

  test("null stands for an absent key, even where something else is expected", () => {
    const nodes = {
      read: { ...READ, desc: null, r: { ...READ.r, csv: { ...READ.r.csv, separator: null } } },
      write: { ...WRITE, w: { ...WRITE.w, having: null, top: null } },
    };
    expect(script(nodes).nodes.map(({ name }) => name)).toEqual(["read", "write"]);
  });

  test("may be empty but for its policies", () => {
    expect(script({}).nodes).toEqual([]);
    const text = JSON.stringify({ $schema: "x", dependency_policies: { standard: POLICY } });
    expect(readScript({ file: "s.json", text }).script.nodes).toEqual([]);
  });

  test("may have keys in other case; the exact spelling wins", () => {
    const { script: one, warnings } = read({
      read: { ...READ, DESC: "loud", Type: "table_file" },
      write: WRITE,
    });
    expect(one.nodes[0]).toMatchObject({ kind: "file_table", description: "loud" });
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ["KEY_CASE", "the key DESC is read as desc"],
      ["KEY_UNKNOWN", "the key Type has no meaning here"],
    ]);
    const { type, ...rest } = READ;
    expect(script({ read: { ...rest, TYPE: type }, write: WRITE }).nodes[0]?.kind).toBe(
      "file_table",
    );
  });

  test("may hold anything below a key that has no meaning", () => {
    const { warnings } = read({ read: { ...READ, colour: { shade: null } }, write: WRITE });
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ["KEY_UNKNOWN", "the key colour has no meaning here"],
    ]);
  });

  test("takes overrides as strings that win over the parameters file", () => {
    const text = scriptText({ read: READ, write: { ...WRITE, desc: "{a}{b}" } });
    const parameters = { file: "params.yaml", text: "a: 1\nb: file\n" };
    const { script: one } = readScript({ file: "s.json", text }, parameters, { a: "x" });
    expect(one.nodes[1]?.description).toBe("xfile");
  });

  test("that writes over the file its rows come from is warned about, by whatever way it is spelt", () => {
    const write = (url: string) => ({ ...WRITE, w: { ...WRITE.w, url_template: url } });
    const codes = (url: string) =>
      read({ read: READ, write: write(url) }).warnings.map(({ code, path }) => [code, path]);
    const warning = [["INPUT_REPLACED", "nodes.write.w.url_template"]];
    expect(codes("in/b.csv")).toEqual(warning);
    expect(codes("./in//b.csv")).toEqual(warning);
    expect(codes("out/b.csv")).toEqual([]);
    const other = {
      ...READ,
      r: { ...READ.r, urls: ["in/c.csv"] },
      w: { ...READ.w, name: "rest", indexes: {} },
    };
    const { warnings } = read({ read: READ, other, write: write("in/c.csv") });
    expect(warnings).toEqual([]);
  });

  test("takes an override as the number that is asked for, and refuses one that is none", () => {
    const top = { order: "id(asc)", limit: "{limit|number}" };
    const text = scriptText({ read: READ, write: { ...WRITE, w: { ...WRITE.w, top } } });
    const parameters = { file: "params.yaml", text: "limit: 10\n" };
    const limitOf = (limit: string): unknown =>
      readScript({ file: "s.json", text }, parameters, { limit }).script.nodes[1];
    expect(limitOf("7")).toMatchObject({ writer: { top: { limit: 7 } } });
    expect(() => limitOf("seven")).toThrow("the parameter limit is a string, but number is asked");
  });

  test("tells overrides that it has no place for, with the name that is meant", () => {
    const text = scriptText({ read: { ...READ, "{key}": "x" }, write: { ...WRITE, desc: "{a}" } });
    const parameters = {
      file: "params.yaml",
      text: "other: for another script\nkey: desc\na: x\n",
    };
    const source = { file: "s.json", text };
    const { warnings } = readScript(source, parameters, { key: "desc", aa: "2" });
    expect(warnings.filter(({ code }) => code === "PARAMETER_UNUSED")).toMatchObject([
      {
        severity: "warning",
        file: "s.json",
        line: 1,
        message: "the script has no place for the parameter aa",
        hint: "Did you mean a?",
      },
    ]);
    const none = faultOf(scriptText({ read: READ, write: { ...WRITE, desc: "{a}" } }), "s.json");
    expect(none.message).toContain("PARAMETER_UNRESOLVED");
  });

  test("warnings of both files come with the script", () => {
    const text = scriptText({ read: { ...READ, colour: 1 }, write: WRITE });
    const parameters = { file: "params.json", text: '{"a": "1", "a": "2"}' };
    const { warnings } = readScript({ file: "script.json", text }, parameters);
    expect(warnings.map(({ file, code, severity }) => [file, code, severity])).toEqual([
      ["params.json", "KEY_DUPLICATE", "warning"],
      ["script.json", "KEY_UNKNOWN", "warning"],
    ]);
  });

  test("may be YAML with a date that becomes an instant, with a warning", () => {
    const text = `dependency_policies: {p: {is_default: true}}\nnodes:\n  x: {desc: 2020-01-02, type: table_table}\n`;
    const problems = faultOf(text, "a.yaml").facts["problems"] as readonly Problem[];
    expect(problems.find(({ severity }) => severity === "warning")?.hint).toBe("Quote the date.");
  });

  test("of generation 1.1.6 has its own defaults", () => {
    const flat = {
      type: "file_table",
      r: { urls: ["a"], separator: "|x", columns: { a: { col_idx: 0, col_type: "int" } } },
      w: { name: "t", fields: { a: field("r.a", "int") }, indexes: { idx_t: "unique(a)" } },
    };
    const write = {
      type: "table_file",
      r: { table: "t" },
      w: {
        url_template: "o",
        top: { order: "a" },
        columns: [{ header: "a", format: "%d", name: "a", expression: "r.a", type: "int" }],
      },
    };
    const policies = {
      p: {
        is_default: true,
        rules: [{ cmd: "wait", expression: "e.node_start_ts < e.run_start_ts" }],
      },
    };
    const { script: one, warnings } = read({ read: flat, write }, policies);
    expect(one).toMatchObject({
      dialect: "1.1.6",
      nodes: [{ reader: { separator: "|" } }, { writer: { top: { limit: 500_000 } } }],
      policies: [
        {
          vocabulary: "e",
          order: [{ field: "run_is_current" }, { field: "node_start_ts", descending: true }],
        },
      ],
    });
    expect(warnings.map(({ code }) => code)).toEqual(["SHAPE", "INDEX_UNUSED"]);
  });

  test.each([
    [{ is_default: true, event_priority_order: "node_start_ts" }, "e"],
    [{ is_default: true, event_priority_order: "run_status" }, "nrs"],
    [{ is_default: true }, "nrs"],
    [{ is_default: true, rules: [{ cmd: "go", expression: "e.run_id > 0" }] }, "e"],
    [{ is_default: true, rules: [{ cmd: "nogo", expression: "nrs.run_id > 0" }] }, "nrs"],
  ])("the policy %j speaks %s", (policy, vocabulary) => {
    expect(script({ read: READ, write: WRITE }, { p: policy }).policies[0]?.vocabulary).toBe(
      vocabulary,
    );
  });

  test("without any key of a generation its policies decide", () => {
    const old = { p: { is_default: true, rules: [{ cmd: "go", expression: "e.run_id > 0" }] } };
    expect(script({}, old).dialect).toBe("1.1.6");
  });
});

const LOOKUP = {
  type: "table_lookup_table",
  r: { table: "people" },
  l: {
    index_name: "idx_to_check_uniq",
    join_on: "r.who",
    join_type: "left",
    group: true,
    filter: "l.id > 0",
  },
  w: {
    name: "used",
    fields: {
      id: field("r.id", "int"),
      n: field("count()", "int", { default_value: " -1 " }),
      s: field("sum(l.id)", "int", { default_value: "  " }),
    },
  },
};

describe("a broken script", () => {
  test("lists its problems in the message and in the facts", () => {
    const fault = faultOf(scriptText({ read: { ...READ, type: "file_tabel" }, write: WRITE }));
    expect(fault.code).toBe("SCRIPT_INVALID");
    expect(fault.message.split("\n").slice(0, 3)).toEqual([
      "the script script.json is not valid: 1 error",
      expect.stringMatching(/^script\.json:1:26 error SHAPE nodes\.read\.type must be file_table/),
      "    Did you mean file_table?",
    ]);
    expect(fault.facts["problems"]).toHaveLength(1);
  });

  test("names columns by header although there is none", () => {
    const read = { ...READ, r: { ...READ.r, csv: { hdr_line_idx: -1 } } };
    expect(problemsOf({ read, write: WRITE }).map(({ path }) => path)).toEqual([
      "nodes.read.r.csv.hdr_line_idx",
    ]);
  });

  test("of generation 1.1.6 gets hints for its own keys", () => {
    const read = {
      type: "file_table",
      r: { urls: [5], separator: ";", columns: { a: { col_type: "int" }, b: { col_type: "int" } } },
      w: { name: "t", fields: {}, indexes: { [`idx_${"x".repeat(40)}`]: 5 } },
    };
    const write = {
      type: "table_file",
      r: { table: "t" },
      w: { url_template: "", columns: [{ name: "a", expression: "1", type: "int" }] },
    };
    const tag = {
      type: "table_custom_tfm_table",
      custom_proc_type: "tag_and_denormalize",
      r: { table: "t" },
      p: { tag_field_name: "x" },
      w: { name: "u", fields: {} },
    };
    expect(problemsOf({ read, write, tag }).map(({ message, hint }) => [message, hint])).toEqual(
      expect.arrayContaining([
        [expect.stringContaining("longer than 42 characters"), expect.any(String)],
        ["nodes.write.w.url_template must not be empty", expect.any(String)],
        [
          expect.stringContaining("cannot be told"),
          "Give every column col_hdr or its own col_idx.",
        ],
        [expect.stringContaining("the first column has no header"), "Give it header."],
        [expect.stringContaining('format "": it shows no value'), expect.any(String)],
        [expect.stringContaining("one of tag_criteria and tag_criteria_uri"), expect.any(String)],
      ]),
    );
  });

  test("has numbers where one of several words belongs", () => {
    const nodes = { read: { ...READ, start_policy: 5 }, write: WRITE };
    expect(problemsOf(nodes).map(({ message }) => message)).toEqual([
      "nodes.read.start_policy must be auto or manual, not 5",
    ]);
  });

  test("names output columns by their headers in messages when they have no name", () => {
    const column = (header: string, more: object) => ({
      csv: { header, format: "%d" },
      expression: "r.id",
      type: "int",
      ...more,
    });
    const nodes = (w: object) => ({ read: READ, write: { ...WRITE, w: { ...WRITE.w, ...w } } });
    const both = [column("Id", {}), column("No", { name: "" })];
    const { script, warnings } = read(nodes({ columns: both }));
    const [, write] = script.nodes;
    expect(warnings).toEqual([]);
    expect(write).toMatchObject({ writer: { columns: [{ name: "(Id)" }, { name: "(No)" }] } });
    expect(problemsOf(nodes({ columns: both, having: "w.Id > 0" }))).toMatchObject([
      { code: "FIELD_UNKNOWN" },
    ]);
    const broken = problemsOf(nodes({ columns: [column("Id", { expression: "r.nope" })] }));
    expect(broken.map(({ message }) => message)).toEqual([
      expect.stringContaining("node write, column (Id): ") as string,
    ]);
  });

  test("only gets a warning for a datetime column that can be blank at most", () => {
    const c_d = { csv: { col_hdr: "d" }, col_type: "datetime" };
    const columns = (more: object) => ({ ...READ.r.columns, c_d: { ...c_d, ...more } });
    const nodes = (more: object) => ({
      read: { ...READ, r: { ...READ.r, columns: columns(more) } },
    });
    const { warnings } = read(nodes({}));
    expect(warnings.map(({ code, severity }) => [code, severity])).toEqual([["FORMAT", "warning"]]);
    expect(problemsOf(nodes({ col_default_value: "2001-01-01" })).map(({ code }) => code)).toEqual([
      "FORMAT",
    ]);
  });

  test("only gets a warning for a default that is never used", () => {
    const fields = { a: field("r.c_id", "int", { default_value: "x" }) };
    const { warnings } = read({ read: { ...READ, w: { name: "t", fields } } });
    expect(warnings.map(({ code, severity }) => [code, severity])).toEqual([
      ["DEFAULT_TEXT", "warning"],
    ]);
  });

  test("is refused in 1.1.6 words where its policy has an order of the latest ones", () => {
    const flat = { type: "file_table", r: { separator: ";" } };
    const problems = problemsOf(
      { flat },
      { p: { is_default: true, event_priority_order: "run_status" } },
    );
    expect(problems.filter(({ code }) => code === "ORDER")).toEqual([]);
    const bare = problemsOf(
      { flat, none: { type: "distinct_table", r: { table: "t" } } },
      { p: { is_default: true } },
    );
    expect(bare.map(({ code }) => code)).toContain("DISTINCT");
  });

  test("mixes parquet and CSV", () => {
    const read = {
      ...READ,
      r: {
        ...READ.r,
        columns: { ...READ.r.columns, c_id: { parquet: { col_name: "id" }, col_type: "int" } },
      },
    };
    const write = {
      ...WRITE,
      w: {
        ...WRITE.w,
        columns: [
          { parquet: { column_name: "id" }, name: "x", expression: "r.id", type: "int" },
          ...columns("id"),
        ],
      },
    };
    expect(
      problemsOf({ read, write })
        .map(({ code }) => code)
        .sort(),
    ).toEqual(["SHAPE", "SHAPE"]);
  });

  test("has unknown references reported without guesses about what depends on them", () => {
    const use = { ...LOOKUP, r: { table: "nobody" }, l: { ...LOOKUP.l, index_name: "idx_none" } };
    const copy = {
      type: "table_table",
      r: { table: "nobody" },
      w: { name: "c", fields: { a: field("r.x + 1", "int") } },
    };
    const codes = problemsOf({ read: READ, use, copy }).map(({ code }) => code);
    expect(codes).toEqual(["TABLE_UNKNOWN", "INDEX_UNKNOWN", "TABLE_UNKNOWN"]);
  });

  test("with a number where a map belongs does not stop the other checks", () => {
    const nodes = {
      odd: 5,
      read: { ...READ, w: 5 },
      write: { ...WRITE, r: 5, w: { ...WRITE.w, columns: [5] } },
    };
    expect(problemsOf(nodes).map(({ path }) => path)).toEqual([
      "nodes.odd",
      "nodes.read.w",
      "nodes.write.r",
      "nodes.write.w.columns[0]",
      "nodes.write.w.columns[0]",
    ]);
    expect(problemsOf({}, { p: 5 }).length).toBeGreaterThan(0);
    expect(problemsOf({}, { p: { is_default: true, rules: [5] } }).length).toBe(1);
  });

  test("may have a processor without settings, and odd ones", () => {
    const custom = (more: Json) => ({
      type: "table_custom_tfm_table",
      r: { table: "people" },
      w: { name: "c", fields: { a: field("p.a", "int") } },
      ...more,
    });
    const codes = (more: Json) =>
      problemsOf({ read: READ, custom: custom(more) }).map(({ code }) => code);
    expect(codes({})).toContain("SHAPE");
    expect(codes({ custom_proc_type: "py_calc" })).toContain("SHAPE");
    const py = {
      python_code_urls: [5, "ftp://x/a.py"],
      calculated_fields: { a: 5, b: field("(", "int"), c: { type: "int" } },
    };
    expect(codes({ custom_proc_type: "py_calc", p: py })).toEqual(
      expect.arrayContaining(["SHAPE", "EXPRESSION_SYNTAX"]),
    );
    const tag = { tag_criteria: { a: 5, b: "r.id > 0" } };
    expect(codes({ custom_proc_type: "tag_and_denormalize", p: tag })).toContain("SHAPE");
    const none = { tag_field_name: "t" };
    expect(codes({ custom_proc_type: "tag_and_denormalize", p: none })).toContain("PROCESSOR");
    const both = { tag_field_name: "a", tag_criteria_uri: "s3://b/c.json", tag_criteria: {} };
    expect(codes({ custom_proc_type: "tag_and_denormalize", p: both })).toContain("DIALECT");
  });
});

test("the JSON Schema is a valid schema of draft 2020-12", () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
  expect(ajv.validateSchema(schema)).toBe(true);
  expect(() => ajv.compile(schema)).not.toThrow();
});
