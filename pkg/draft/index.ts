export { commentedScript } from "./commented-script.ts";
export { draftScript } from "./draft.ts";
export { guessedDraft } from "./guessed-draft.ts";
export type { Finding, GuessedDraft } from "./finding.ts";
export { isReference, tableName } from "./names.ts";
export { newestFirst } from "./newest-first.ts";
export { referenceDraft } from "./reference-draft.ts";
