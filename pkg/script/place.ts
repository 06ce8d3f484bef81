/** Position in the file the author wrote, from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
