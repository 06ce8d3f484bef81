/**
 * JSON with the members of every object in code unit order, so that equal values have equal texts and equal hashes.
 * A bigint becomes the text of its digits: facts of faults may hold one and JSON has no such number.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, inOrder);

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members);
}
