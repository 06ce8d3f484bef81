/** What a command may touch of the process it runs in; tests give it texts instead of streams. */
export interface Context {
  /** Where the program lies; its file of settings is looked for there first. */
  readonly programFolder: string;
  readonly cwd: string;
  /** The global flag --cluster was given. */
  readonly wantsCluster: boolean;
  /** Module files by name, of the global flag --processor. */
  readonly processors: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results, for programs. */
  readonly out: (text: string) => void;
  /** Resolves when whoever reads the results has taken enough of them; what prints without end awaits it now and then. */
  readonly drained: () => Promise<void>;
  /** Everything else, for people. */
  readonly err: (text: string) => void;
  /** Progress is redrawn in place only on a terminal. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly now: () => number;
  readonly newId: () => string;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly cores: number;
  /** Calls back on every request to end (Ctrl-C, SIGTERM); returns how to stop listening. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ends the process at once; for the second Ctrl-C. */
  readonly exitNow: (code: number) => void;
}
