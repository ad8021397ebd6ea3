// The part of the plan that is shown: zooming and moving it, as arithmetic on the viewBox.

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

const MOST_ZOOM = 8;

/**
 * Keeps a part within the whole.
 *
 * @param {Box} part
 * @param {Box} whole
 * @returns {Box}
 */
function within(part, whole) {
  const width = Math.min(part.width, whole.width);
  const height = Math.min(part.height, whole.height);
  const clamp = (/** @type {number} */ value, /** @type {number} */ least, /** @type {number} */ most) =>
    Math.max(least, Math.min(most, value));
  return {
    x: clamp(part.x, whole.x, whole.x + whole.width - width),
    y: clamp(part.y, whole.y, whole.y + whole.height - height),
    width,
    height,
  };
}

/**
 * Zooms by a factor (2: twice as large) so that the point stays where it is.
 *
 * @param {Box} part
 * @param {Box} whole
 * @param {number} factor
 * @param {{ x: number, y: number }} point in the plan's units
 * @returns {Box}
 */
export function zoom(part, whole, factor, point) {
  const width = Math.max(whole.width / MOST_ZOOM, Math.min(whole.width, part.width / factor));
  const ratio = width / part.width;
  return within(
    {
      x: point.x - (point.x - part.x) * ratio,
      y: point.y - (point.y - part.y) * ratio,
      width,
      height: part.height * ratio,
    },
    whole,
  );
}

/**
 * Moves by a distance in the plan's units.
 *
 * @param {Box} part
 * @param {Box} whole
 * @param {number} dx
 * @param {number} dy
 * @returns {Box}
 */
export function move(part, whole, dx, dy) {
  return within({ ...part, x: part.x + dx, y: part.y + dy }, whole);
}

/**
 * Moves just as far as is needed for the point to lie well inside.
 *
 * @param {Box} part
 * @param {Box} whole
 * @param {{ x: number, y: number }} point
 * @returns {Box}
 */
export function show(part, whole, point) {
  const margin = { x: part.width * 0.15, y: part.height * 0.15 };
  const short = (/** @type {number} */ value, /** @type {number} */ least, /** @type {number} */ most) =>
    value < least ? value - least : Math.max(0, value - most);
  return move(
    part,
    whole,
    short(point.x, part.x + margin.x, part.x + part.width - margin.x),
    short(point.y, part.y + margin.y, part.y + part.height - margin.y),
  );
}

/** @param {Box} box */
export const written = (box) => `${box.x} ${box.y} ${box.width} ${box.height}`;
