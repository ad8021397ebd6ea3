// Narrowing the list down: which lines match what was typed, whatever the letters' shapes.

/**
 * Folds letters that look or sound the same: full and half width, capitals, katakana and hiragana,
 * spaces.
 *
 * @param {string} text
 */
export function fold(text) {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s・]/gu, '')
    .replace(/[ァ-ヶ]/gu, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
}

/**
 * Whether a line's text has every typed word.
 *
 * @param {string} text
 * @param {string} typed
 */
export function matches(text, typed) {
  const folded = fold(text);
  return typed
    .split(/\s+/u)
    .map(fold)
    .every((word) => folded.includes(word));
}
