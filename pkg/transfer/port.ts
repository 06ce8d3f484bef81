/** What identifies one version of a file; frozen at run start, compared when the file is opened and closed. */
export interface FileFacts {
  /** -1 when a source does not tell before its end. */
  readonly size: number;
  /** Modification time in milliseconds (with fraction where the file system has it), or an ETag-like text. */
  readonly version: string;
}

/** Files by URL under one access policy. Every method refuses what the policy does not allow (ACCESS_DENIED). */
export interface Files {
  /** Throws FILE_MISSING or FILE_UNREADABLE. */
  facts(url: string): Promise<FileFacts>;
  /** Whole small file as text (UTF-8; ENCODING_INVALID otherwise). For scripts, parameters, criteria. */
  readText(url: string): Promise<string>;
  /** `anywhere`: any position will be read; what can only be read from the beginning is copied to a temporary file first. */
  open(url: string, need?: { readonly anywhere: boolean }): Promise<OpenFile>;
  /** Files that a pattern with `*`, `?` or `[…]` in the last steps of its path stands for, in order of their names. */
  list(pattern: string): Promise<readonly string[]>;
  /** Opens a temporary object next to the target, named with the token; missing folders are created. */
  createTemporary(url: string, token: string): Promise<TemporaryFile>;
  /**
   * Makes the temporary object the target: temporary there → rename; temporary gone and target has the recorded size and
   * hash → "published"; neither → "lost" (the unit has to run again). Safe to repeat.
   */
  publish(output: OutputFile): Promise<"published" | "lost">;
  /** Removes the temporary object if it is there. */
  discard(output: Pick<OutputFile, "url" | "token">): Promise<void>;
  /** The one name of a target, for comparing targets: absolute, links resolved as far as the path exists. */
  resolve(url: string): Promise<string>;
  /** Removes the temporary objects of a target whose tokens are dead; no folder, nothing to do. */
  sweepTemporaries(url: string, isDead: (token: string) => boolean): Promise<void>;
}

export interface OpenFile extends AsyncDisposable {
  readonly facts: FileFacts;
  /** Bytes, where the facts do not tell them. */
  readonly length?: number;
  /** Present for what can only be read from the beginning, once. */
  readonly sequential?: true | undefined;
  /** Fills `into` from `position`; resolves with the number of bytes read, less than asked only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Facts now, for the comparison at the end of reading. */
  currentFacts(): Promise<FileFacts>;
}

export interface TemporaryFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Flushes to disk and closes; what publish needs later. */
  finish(): Promise<OutputFile>;
  /** Closes and removes. */
  abandon(): Promise<void>;
}

/** A finished temporary object waiting for publication. */
export interface OutputFile {
  readonly url: string;
  readonly token: string;
  readonly size: number;
  /** Hex SHA-256 of the content. */
  readonly sha256: string;
  /** Where the temporary object is an unfinished upload: what completes it. */
  readonly upload?: { readonly id: string; readonly parts: readonly string[] };
}
