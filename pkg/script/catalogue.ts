import type { FieldType } from "#pkg/value";

/** A processor that is not built in, as far as scripts are concerned. */
export interface ProcessorDefinition {
  /** `custom_proc_type` of its nodes. */
  readonly name: string;
  /** Of its code; runs are frozen to it. */
  readonly sha256: string;
  /** What is wrong with settings; none when they fit. */
  check(settings: unknown): readonly SettingsDeparture[];
  /** Its fields for settings that fit. Throws PROCESSOR_MODULE. */
  describe(settings: unknown): ProcessorFields;
}

export interface ProcessorFields {
  readonly sourceFields: readonly string[];
  readonly outputs: ReadonlyMap<string, FieldType>;
}

export interface SettingsDeparture {
  /** JSON pointer of the value. */
  readonly pointer: string;
  /** Continues the name of the value: `must be integer`. */
  readonly message: string;
}

/** By name. */
export type ProcessorCatalogue = ReadonlyMap<string, ProcessorDefinition>;
