/** Unicode white space as Go trims it: with U+0085, without U+FEFF. */
const BLANK = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;
const BLANK_ENDS =
  /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

/** Empty, or white space only. */
export const isBlank = (text: string): boolean => BLANK.test(text);

export const trimBlanks = (text: string): string => text.replace(BLANK_ENDS, "");
