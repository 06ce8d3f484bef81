import { Fault } from "#pkg/fault";

/** What went wrong in Python, as child.py tells it. */
export interface PythonError {
  /** `ValueError: no step for 13` */
  readonly error: string;
  /** Place in a file of the user, when there is one. */
  readonly file?: string;
  readonly line?: number;
  readonly source?: string;
}

/** The interpreter could not be started. */
export const missingFault = (interpreter: string, cause: unknown, why = ""): Fault =>
  new Fault("PYTHON_MISSING", `the Python interpreter ${interpreter} cannot be used${why}`, {
    cause,
    facts: { interpreter },
  });

export const limitFault = (refused: readonly string[]): Fault =>
  new Fault("PYTHON_LIMIT", `this machine does not enforce for Python: ${refused.join(", ")}`, {
    facts: { refused },
  });

/** The code of a node cannot be compiled or fails before any row. */
export const codeFault = (node: string, error: PythonError): Fault =>
  new Fault("PYTHON_CODE", `node ${node}: the Python code fails: ${errorText(error)}`, {
    facts: { node, ...error },
  });

/** An exception in a formula. */
export const exceptionFault = (formula: string, error: PythonError): Fault =>
  new Fault("PYTHON_ROW", `${formula}: ${errorText(error)}`, { facts: { ...error } });

export const resultFault = (formula: string, message: string): Fault =>
  new Fault("PYTHON_RESULT", `${formula}: ${message}`);

function errorText({ error, file, line, source }: PythonError): string {
  if (file === undefined || line === undefined) return error;
  const text = source === undefined || source === "" ? "" : `: ${source}`;
  return `${error} [${file}, line ${line}${text}]`;
}

export const timeFault = (limitMs: number): Fault =>
  new Fault("PYTHON_TIMEOUT", `Python worked longer than ${limitMs} ms on one page of rows`, {
    facts: { limitMs },
  });

/** The process ended by itself or was ended by the system. A kill from outside may be a machine short of memory: try again. */
export function childFault(code: number | null, signal: string | null, errors: string): Fault {
  if (signal === "SIGXCPU")
    return new Fault("PYTHON_TIMEOUT", "Python used more processor time than it may for one page", {
      facts: { signal },
      hint: "Correct an endless loop, lower rowset_size, or raise CAPI_PYCALC_PROCESSOR_LIMIT_S.",
    });
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  const said = errors.trim() === "" ? "" : `; it wrote: ${lastLines(errors)}`;
  return new Fault("PYTHON_DIED", `the Python process ended ${how}${said}`, {
    retryable: signal === "SIGKILL",
    facts: { exitCode: code, signal },
  });
}

const LINES = 3;

const lastLines = (text: string): string => text.trim().split("\n").slice(-LINES).join(" | ");
