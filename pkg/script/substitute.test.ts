import { describe, expect, test } from "vitest";
import { Problems, type Problem } from "./problem.ts";
import { readTemplate } from "./read-document.ts";
import { readParameters, type Parameters } from "./parameters.ts";
import { sourceText } from "./source-text.ts";
import { substitute } from "./substitute.ts";
import { plainValue, type Tree } from "./tree.ts";

function parametersOf(values: unknown): Parameters {
  const source = sourceText("params.json", JSON.stringify(values));
  const problems = new Problems(source);
  const parameters = readParameters(source, problems);
  expect(problems.list()).toEqual([]);
  return parameters;
}

function substituted(
  text: string,
  values: unknown,
  file = "script.json",
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const source = sourceText(file, text);
  const problems = new Problems(source);
  const tree = substitute(readTemplate(source, problems) as Tree, parametersOf(values), problems);
  return { value: plainValue(tree), problems: problems.list() };
}

describe("parameters", () => {
  test("strings go into texts and keys, verbatim, however they look", () => {
    const { value, problems } = substituted(
      '{"{k}": "a { v } b {v|string}{ v  |  string  }", "x": "{v }"}',
      {
        k: "key",
        v: 'say "hi" \\ {other}\n{k}',
      },
    );
    const v = 'say "hi" \\ {other}\n{k}';
    expect(value).toEqual({ key: `a ${v} b ${v}${v}`, x: v });
    expect(problems).toEqual([]);
  });

  test("numbers, booleans and lists replace the quotes, fractions keep six digits", () => {
    const text =
      '{"n": "{n|number}", "f": "{ f | number }", "b": "{b|bool}", "l": "{l|stringlist}"}';
    const { value, problems } = substituted(text, {
      n: 5,
      f: 10.123456789,
      b: false,
      l: ["x", '"'],
    });
    expect(value).toEqual({ n: 5, f: 10.123457, b: false, l: ["x", '"'] });
    expect(problems).toEqual([]);
  });

  test("a text without a type is taken as the number or truth value that is asked for, where it is one", () => {
    const ask = (type: string, value: string): unknown => {
      const source = sourceText("script.json", `{"x": "{v|${type}}"}`);
      const problems = new Problems(source);
      const parameters: Parameters = new Map([["v", { type: "string", value, isUntyped: true }]]);
      const tree = substitute(readTemplate(source, problems) as Tree, parameters, problems);
      return problems.list()[0]?.code ?? plainValue(tree);
    };
    expect(ask("bool", "true")).toEqual({ x: true });
    expect(ask("number", "1.5")).toEqual({ x: 1.5 });
    expect(ask("bool", "1")).toBe("PARAMETER_UNRESOLVED");
    expect(ask("number", "true")).toBe("PARAMETER_UNRESOLVED");
  });

  test("quantifiers and other braces are no references", () => {
    const text = '{"a": "{2,4} {a-b} {} { } {a|int} {a\\n}"}';
    expect(substituted(text, {})).toEqual({ value: JSON.parse(text) as unknown, problems: [] });
  });

  test("inside the pattern of re.MatchString a name without parameter is left alone, one with is put in", () => {
    const pattern =
      're.MatchString(`^\\\\d{4}(a,b)\\\\p{Greek}{p}` + \\"x{7}\\", r.s) && re . MatchString(\\"{9}\\", ';
    const { value, problems } = substituted(`["${pattern}"]`, { p: "P" });
    expect(value).toEqual([
      're.MatchString(`^\\d{4}(a,b)\\p{Greek}P` + "x{7}", r.s) && re . MatchString("{9}", ',
    ]);
    expect(problems).toEqual([]);
    const second = substituted('["re.MatchString(f(`{4}`), `{5}`) + `{6}`"]', {});
    expect(second.problems.map(({ message }) => message)).toEqual([
      "the parameter 5 has no value: {5|string}",
      "the parameter 6 has no value: {6|string}",
    ]);
    expect(substituted('["re.MatchString(`{8", "re.MatchString(`{4}"]', {}).problems).toEqual([]);
  });

  test("batch_idx and run_id are kept in url_template, and can be parameters", () => {
    const text = '{"url_template": "{batch_idx}_{ run_id | string }", "desc": "{batch_idx}"}';
    const { value, problems } = substituted(text, {});
    expect(value).toEqual({
      url_template: "{batch_idx|string}_{run_id|string}",
      desc: "{batch_idx}",
    });
    expect(problems.map(({ severity, path }) => [severity, path])).toEqual([["warning", "desc"]]);
    expect(substituted(text, { batch_idx: "B", run_id: "R" }).value).toEqual({
      url_template: "B_R",
      desc: "B",
    });
    expect(substituted('{"desc": "{run_id}"}', {}).problems[0]?.severity).toBe("error");
  });

  test("a value inside a string literal of an expression stays inside it, whatever quotes it holds", () => {
    const having = (written: string, values: unknown): unknown =>
      substituted(JSON.stringify({ w: { having: written } }), values).value;
    const is = (text: string): unknown => ({ w: { having: text } });
    const value = { p: '" + r.v + "', q: "`x`", n: "a\\b\nc", t: "2" };
    expect(having('r.a == "{p}!" && r.b == "{t}" && r.c == "c"', value)).toEqual(
      is('r.a == `" + r.v + "!` && r.b == "2" && r.c == "c"'),
    );
    expect(having("r.a == `{t}{q}`+`{p}` || r.b > {t}", value)).toEqual(
      is('r.a == "2`x`"+`" + r.v + "` || r.b > 2'),
    );
    expect(having('r.a == "{n}" && r.q == \'"\'', value)).toEqual(
      is("r.a == `a\\b\nc` && r.q == '\"'"),
    );
    expect(having('"`{n}"', value)).toEqual(is('``+"`"+`a\\b\nc`'));
    expect(having("r.a == `{q}{p}`", value)).toEqual(is('r.a == ``+"`"+`x`+"`"+`" + r.v + "`'));
    expect(having("{p}", value)).toEqual(is(value.p));
  });

  test("in YAML an unquoted value takes its type after its parameters are in", () => {
    const text = "n: {n}\nm: {m}{n}\nt: {t}\nz: {z}\nq: '{n}'\nu: {d}/a.csv\nk: {d}\ne: {e}\n";
    const values = { n: "4", m: "-1.", t: "true", z: "", d: "in", e: "1e3" };
    expect(substituted(text, values, "script.yaml").value).toEqual({
      n: 4,
      m: -1.4,
      t: true,
      q: "4",
      u: "in/a.csv",
      k: "in",
      e: 1000,
    });
  });

  test("in JSON too, where a reference without quotes stands for a number, a word or a text", () => {
    const text =
      '{"n": {n}, "m": [{ m | string }{n}, 5], "t": {t}, "z": {z}, "x": 1{n}0.5,\n"d": {d}}';
    const values = { n: "4", m: "-1.", t: "true", z: "null", d: "in" };
    const { value, problems } = substituted(text, values);
    expect(value).toEqual({ n: 4, m: [-1.4, 5], t: true, x: 140.5, d: "in" });
    expect(problems).toEqual([]);
    const refused = substituted('{"a": {n|number},\n"b": {other}}', { n: 1 });
    expect(refused.problems.map(({ code, line, column }) => [code, line, column])).toEqual([
      ["PARAMETER_REFERENCE", 1, 7],
      ["PARAMETER_UNRESOLVED", 2, 6],
    ]);
  });

  test("a file of parameters refers to none", () => {
    const source = sourceText("params.json", '{"a": {b}}');
    const problems = new Problems(source);
    expect(readParameters(source, problems).size).toBe(0);
    expect(problems.list().map(({ code, column }) => [code, column])).toEqual([["SYNTAX", 8]]);
  });

  test("typed references want double quotes in YAML too", () => {
    const text = `a: {n|number}\nb: '{n|number}'\nc: "{n|number}"\n`;
    const { value, problems } = substituted(text, { n: 1 }, "script.yaml");
    expect(value).toMatchObject({ c: 1 });
    expect(problems.map(({ code, line }) => [code, line])).toEqual([
      ["PARAMETER_REFERENCE", 1],
      ["PARAMETER_REFERENCE", 2],
    ]);
  });

  test("keys that become equal are reported and the last one wins", () => {
    const { value, problems } = substituted('{"a": 1, "{k}": 2}', { k: "a" });
    expect(value).toEqual({ a: 2 });
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([
      ["KEY_DUPLICATE", "warning"],
    ]);
  });

  test("a parameters file is one map", () => {
    const source = sourceText("params.yaml", "- a\n");
    const problems = new Problems(source);
    expect(readParameters(source, problems).size).toBe(0);
    expect(problems.list().map(({ message }) => message)).toEqual([
      "a parameters file holds one map of names to values",
    ]);
    const broken = sourceText("params.json", "{");
    const more = new Problems(broken);
    expect(readParameters(broken, more).size).toBe(0);
    expect(more.list().map(({ code }) => code)).toEqual(["SYNTAX"]);
  });
});
