// Moving over the map by arrow keys: the nearest place in a direction.

/** @typedef {{ x: number, y: number }} Point */

/** @type {Record<string, Point>} */
const DIRECTIONS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * The index of the nearest point in the direction of an arrow key, or -1. What lies aside counts
 * twice as far, and what lies more aside than ahead does not count.
 *
 * @param {Point[]} points
 * @param {number} from index of the point to start at
 * @param {string} key
 */
export function neighbour(points, from, key) {
  const direction = DIRECTIONS[key];
  const start = points[from];
  if (!direction || !start) return -1;
  let best = -1;
  let nearest = Infinity;
  points.forEach((point, index) => {
    const [dx, dy] = [point.x - start.x, point.y - start.y];
    const ahead = dx * direction.x + dy * direction.y;
    const aside = Math.abs(dx * direction.y) + Math.abs(dy * direction.x);
    const distance = ahead + 2 * aside;
    if (index !== from && ahead > 0 && aside <= ahead && distance < nearest) {
      best = index;
      nearest = distance;
    }
  });
  return best;
}
