/** What the daemon may touch of the process it runs in; tests give it others. */
export interface Context {
  /** Where the program lies; its file of settings is looked for there first. */
  readonly programFolder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For people at a terminal; log lines go to stderr by themselves. */
  readonly err: (text: string) => void;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly newId: () => string;
  readonly host: string;
  readonly pid: number;
  readonly cores: number;
  /** Calls back on every request to end (SIGTERM, SIGINT); returns how to stop listening. */
  readonly onStop: (listener: (signal: string) => void) => () => void;
  /** Ends the process at once; for the second request. */
  readonly exitNow: (code: number) => void;
}
