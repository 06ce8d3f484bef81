/** Programs that read a file of settings; the file is named as the program. */
export type ProgramName = "capidaemon" | "capitoolbelt";

export type SettingKind = "text" | "whole" | "flag" | "texts" | "map";

export interface KnownSetting {
  /** Keys from the root of the file, joined by points. */
  readonly path: string;
  /** Environment variable that overrides the file. */
  readonly env?: string;
  readonly kind: SettingKind;
  readonly least?: number;
  readonly most?: number;
  readonly oneOf?: readonly string[];
  readonly about: string;
  /** Why the reference's setting has no effect here; it is accepted with this note. */
  readonly unused?: string;
  /** The only program that uses it; a file may serve several. */
  readonly only?: ProgramName;
}
