/**
 * Every code and the way out that a person reads after the message. `docs/errors.md` is made from this table.
 * Codes are stable: scripts and clients branch on them.
 */
export const FAULT_HINTS = {
  INTERNAL: "This is a defect of Capillaries; run again with --verbose and report the stack trace.",
  INJECTED: "Raised only by fault-injection tests.",
  USAGE: "See --help of the command.",
  CONFIG_INVALID: "Correct the listed settings; docs/settings.md lists all of them.",

  PORT_UNAVAILABLE: "Free the port or name another one.",

  // scripts and parameters
  SCRIPT_INVALID: "Correct the listed problems; `capitoolbelt check` lists all of them.",
  SCRIPT_UNREADABLE: "Check the path and the rights of the file.",
  PARAMETERS_INVALID: "Correct the parameters file or the --param flags.",
  NOT_AVAILABLE: "This build does not execute that feature yet; remove it or use a newer version.",
  EXPRESSION_SYNTAX: "Write one Go-style expression; see the expression reference.",
  EXPRESSION_TYPE:
    "Make operand and result types agree; conversions are explicit: int(x), float(x), decimal2(x), string(x).",
  START_NODES: "Name existing nodes with --start.",
  KEYSPACE_NAME: "Use letters, digits and _ only, not beginning with `system`.",

  // rows and files
  EXPRESSION_ROW: "Correct the value in the input or guard the expression.",
  CELL_INVALID: "Correct the cell or the col_format of the column.",
  RECORD_INVALID: "Every record must have as many fields as the first record of the file.",
  HEADER_INVALID: "Make col_hdr match the header line of the file.",
  FILE_DAMAGED: "The file is cut off or damaged; get a new copy of it, then start a new run.",
  COLUMN_TYPE: "Give col_type the type that the file holds, and convert it in the expressions.",
  ENCODING_INVALID: "Save the file as UTF-8.",
  DECIMAL_RANGE:
    "decimal2 holds at most about ±92 quadrillion with two digits; use float for larger values.",
  CELL_TOO_LARGE: "A cell may have at most 64 MB.",
  CHECK_FAILED: "Correct the input or the script, or make the check a warning (then: warn).",
  CORRECTION_MISSING:
    "The row was there when it was corrected; correct the rejected rows of the newest run.",
  CORRECTION_INVALID: "Correct the named cells of the CSV file; nothing of it was recorded.",
  REJECTED_LIMIT:
    "See them with `capitoolbelt rejected`; correct or waive rows, correct the input, or raise max_rejected.",
  DUPLICATE_KEY: "Remove the duplicate rows or make the index non_unique.",
  FILE_MISSING: "Check the path in the script and its parameters.",
  FILE_UNREADABLE: "Check the rights of the file and its folder.",
  HOST_KEY: "Ask the owner of the host for its key and put it into the known_hosts file.",
  CREDENTIALS: "Check the credentials that the settings name for this host.",
  FILE_CHANGED: "An input must not change during a run; start a new run.",
  TARGET_UNWRITABLE: "Check the rights of the target folder.",
  TARGET_FULL: "Free space on the disk of the target, then run the node again.",
  DISK_FULL: "Free disk space, then `capitoolbelt resume`.",
  ACCESS_DENIED: "The access policy of this run does not allow the path or address.",
  SCHEME_UNSUPPORTED:
    "Use a plain path, s3:// or sftp://; http:// and https:// are for reading only.",

  // code of custom nodes
  PYTHON_MISSING:
    "Install Python 3.6 or newer, or name the interpreter with CAPI_PYCALC_INTERPRETER_PATH.",
  PYTHON_LIMIT:
    "Run on a system that enforces the limit, or set it to 0 (CAPI_PYCALC_MEMORY_LIMIT_MB, CAPI_PYCALC_PROCESSOR_LIMIT_S).",
  PYTHON_CODE: "Correct the Python file; nothing of the page was written.",
  PYTHON_ROW: "Correct the value in the input or handle it in the Python code.",
  PYTHON_RESULT: "Let the function return a value of the declared type; there is no null.",
  PYTHON_TIMEOUT:
    "Correct an endless loop, lower rowset_size, or raise CAPI_PYCALC_EXECUTION_TIMEOUT (milliseconds for one page of rows).",
  PYTHON_DIED:
    "The code ended its process or a library crashed; a memory limit shows as MemoryError or as an end by SIGKILL.",
  PROCESSOR_MODULE:
    "A module is one JavaScript or TypeScript file whose default export is a processor; bundle what it imports (docs/processors.md).",
  PROCESSOR_CHANGED:
    "Put back the module that the run was started with, the same for every worker, or start a new run.",
  PROCESSOR_ROW: "Correct the value in the input or handle it in the module.",
  PROCESSOR_RESULT: "Let the module return values of the declared types; there is no null.",

  // stores, queues and coordination
  STORE_UNAVAILABLE: "Check that the data folder exists, is readable and writable, then resume.",
  CLUSTER_UNAVAILABLE:
    "Check that Cassandra runs at the configured hosts, with a quorum of its nodes up, and is not overloaded; nothing is lost meanwhile.",
  CLUSTER_REFUSED: "Correct the Cassandra settings, or the rights of their user.",
  STORE_VERSION:
    "Use the version of Capillaries that wrote this data folder, or another --data folder.",
  STORE_DAMAGED: "Restore the data folder from a copy, or drop the keyspace.",
  QUEUE_UNAVAILABLE:
    "Check that the broker runs and that amqp.url names its host and port; workers go on with the store alone.",
  QUEUE_REFUSED: "Correct the user, password, virtual host or certificates of amqp.url.",
  TABLE_DAMAGED: "Run the node that wrote the table again, or drop the keyspace.",
  KEYSPACE_MISSING: "Start a run in it first; `capitoolbelt runs` lists what exists.",
  KEYSPACE_DROPPING: "Wait until the keyspace is gone, then try again.",
  RUN_MISSING: "`capitoolbelt runs` lists the runs of a keyspace.",
  NODE_MISSING: "`capitoolbelt status` shows the nodes of a run.",
  RUN_CONFLICT:
    "Another unfinished run of the keyspace writes the same file; wait, stop it, or change the target.",
  RUN_FINISHED: "A run with a final status cannot continue; start a new one.",
  RUN_UNFINISHED: "Continue it with `capitoolbelt resume`, or stop it first.",
  RETRY_REFUSED: "Ask for another size of the retry; `capitoolbelt plan` shows what each would do.",
  TABLE_MISSING: "`capitoolbelt status` shows which tables a run has written.",
  LEASE_LOST: "Another worker took this batch over; nothing is to be done.",
  STOPPED: "The run was stopped.",
  THREAD_DIED: "The batch is tried again; if it goes on, lower --threads or raise --memory.",
  SOURCE_MISSING: "Start the named source node too, or run it first.",
  SOURCE_FAILED: "Repair the source node, then start this node again.",
  DEPENDENCY_NOGO:
    "The dependency policy forbids it; repair or re-run the source, then start this node again.",
  WORKER_LOST: "Another worker runs the batch again; nothing is to be done.",
  UNIT_ATTEMPTS:
    "The batch failed too often for reasons outside its data; see the causes of its attempts.",
  RERUN_REFUSED: "The node has rerun_policy fail; start a new run.",
  ACCOUNTING: "This is a defect of Capillaries; report it with the run report.",
  OUTPUT_CONFLICT: "A newer run published this file; nothing was overwritten.",
} as const satisfies Readonly<Record<string, string>>;

export type FaultCode = keyof typeof FAULT_HINTS;

export const hintOf = (code: FaultCode): string => FAULT_HINTS[code];
