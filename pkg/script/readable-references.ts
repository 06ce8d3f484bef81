import { fieldReferences, type FieldReference } from "#pkg/expression";
import { isFault } from "#pkg/fault";
import { rescue } from "./rescue.ts";

/** The fields an expression mentions; none when it cannot be read, which is reported where it is checked. */
export const readableReferences = (text: string): readonly FieldReference[] =>
  rescue<readonly FieldReference[], unknown>(
    () => fieldReferences(text),
    isFault,
    () => [],
  );
