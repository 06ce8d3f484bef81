import { Fault } from "#pkg/fault";

/** How this process runs Python; plain data, so that engine threads can be given it. */
export interface PythonSettings {
  /** Path, or name to be found on PATH. */
  readonly interpreter: string;
  readonly parameters: readonly string[];
  /** Wall-clock milliseconds for one page of rows. */
  readonly timeLimitMs: number;
  /** Address space of the child in megabytes, 0 for no limit. */
  readonly memoryLimitMb: number;
  /** Processor seconds for one page of rows, 0 for no limit. */
  readonly processorLimitS: number;
  /** Everything the child finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** `custom_processors.py_calc` of the settings file (spec/workflow.md 7); the last three keys are ours. */
export interface PythonConfig {
  readonly python_interpreter_path?: string;
  readonly python_interpreter_params?: readonly string[];
  readonly execution_timeout?: number;
  readonly memory_limit_mb?: number;
  readonly processor_limit_s?: number;
  /** Names of further environment variables that Python code may see. */
  readonly environment?: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What an interpreter needs to find itself, its modules, its language and its time zone; never credentials. */
const ALLOWED = [
  "PATH",
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "LD_LIBRARY_PATH",
  "PYTHONPATH",
  "PYTHONHOME",
  "VIRTUAL_ENV",
];

/** Without these, the order of sets and the default encoding would differ from process to process (P2). */
const FIXED = { PYTHONHASHSEED: "0", PYTHONUTF8: "1" } as const;

const DEFAULTS = {
  python_interpreter_path: "python3",
  python_interpreter_params: [],
  execution_timeout: 5000,
  memory_limit_mb: 4096,
  processor_limit_s: 0,
  environment: [],
} as const satisfies Required<PythonConfig>;

/** Settings file, overridden by CAPI_PYCALC_* variables. Throws USAGE for a variable that makes no sense. */
export function pythonSettings(config: unknown, env: Environment): PythonSettings {
  // The settings file was checked against its schema.
  const given = { ...DEFAULTS, ...(config as PythonConfig | undefined) };
  const names = env["CAPI_PYCALC_ENVIRONMENT"]?.split(",") ?? given.environment;
  return {
    interpreter: env["CAPI_PYCALC_INTERPRETER_PATH"] || given.python_interpreter_path,
    parameters:
      parametersOf(env["CAPI_PYCALC_INTERPRETER_PARAMS"]) ?? given.python_interpreter_params,
    timeLimitMs: numberOf(env, "CAPI_PYCALC_EXECUTION_TIMEOUT", 1) ?? given.execution_timeout,
    memoryLimitMb: numberOf(env, "CAPI_PYCALC_MEMORY_LIMIT_MB", 0) ?? given.memory_limit_mb,
    processorLimitS: numberOf(env, "CAPI_PYCALC_PROCESSOR_LIMIT_S", 0) ?? given.processor_limit_s,
    environment: { ...allowed(env, [...ALLOWED, ...names.map((name) => name.trim())]), ...FIXED },
  };
}

/** `["-u","-"]`, `-u,-` and `-u -` are the same. */
function parametersOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  return text
    .replaceAll(/[[\]"]/g, "")
    .split(/[\s,]+/)
    .filter((part) => part !== "");
}

function numberOf(env: Environment, name: string, least: number): number | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least) return value;
  throw new Fault("USAGE", `${name}=${text}: a whole number of at least ${least} is needed`, {
    facts: { variable: name },
    hint: `Correct or unset the environment variable ${name}.`,
  });
}

const allowed = (env: Environment, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined || name === "" ? [] : [[name, value] as const];
    }),
  );
