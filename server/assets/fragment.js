// The code in a link's fragment: the part of an address that a browser never sends by itself.

/**
 * The code of a fragment such as `#ABCD…`: letters and digits, nothing else.
 *
 * @param {string} hash
 * @returns {string} empty when there is none
 */
export function codeOf(hash) {
  return /^#([0-9A-Za-z]{10,64})$/.exec(hash)?.[1] ?? '';
}

/**
 * A code in groups of four, for reading aloud and typing.
 *
 * @param {string} code
 */
export function inGroups(code) {
  return code.replace(/(.{4})(?=.)/g, '$1 ');
}
