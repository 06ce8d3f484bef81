const ENTITIES = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
} as const;

/** Text in XML; what no XML document may hold becomes the replacement character. */
export const xmlText = (text: string): string =>
  text
    .replaceAll(/\p{Surrogate}/gu, "\ufffd")
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character as keyof typeof ENTITIES]);
