export type { Environment } from "./environment.ts";
export type { KnownSetting, ProgramName } from "./known-settings.ts";
export { readSettings, type FoundSettings, type SettingsPlaces } from "./read-settings.ts";
export { KNOWN_SETTINGS } from "./schema.ts";
export {
  daemonSettings,
  toolbeltSettings,
  type AccessSettings,
  type BrokerSettings,
  type CassandraSettings,
  type DaemonSettings,
  type InstallationSettings,
  type TlsSettings,
  type ToolbeltSettings,
} from "./settings.ts";
export { transferSettings } from "./transfer-settings.ts";
