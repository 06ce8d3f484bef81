import { fieldReferences, type FieldReference } from "#pkg/expression";
import { isFault } from "#pkg/fault";

/** The fields an expression mentions; none when it cannot be read, which is reported where it is checked. */
export function readableReferences(text: string): readonly FieldReference[] {
  try {
    return fieldReferences(text);
  } catch (error) {
    if (isFault(error)) return [];
    throw error;
  }
}
