import { isMissing, reasonOf } from "#pkg/transfer";

/** Why a file that a flag names could not be written, in words that follow a colon. */
export const whyUnwritable = (error: unknown): string =>
  isMissing(error) ? "its folder does not exist" : reasonOf(error);

/** The way out. */
export const NAME_ANOTHER = "Name a file in a folder that exists and may be written.";
