// What is said aloud when the floor changes: only what concerns one's own seat or the person that
// is followed. A screen reader that told every change of a busy floor would be switched off.

import { fill } from './shape.js';

/** @import { Occupancy, Words } from './floor.d.ts' */

/**
 * @param {Occupancy} occupancy
 * @param {string} person
 */
function placeOf(occupancy, person) {
  if (!person) return undefined;
  for (const [place, people] of occupancy) {
    if (people.some((there) => there.person === person)) return place;
  }
  return undefined;
}

/**
 * The sentences to be said after a change.
 *
 * @param {Occupancy} before
 * @param {Occupancy} after
 * @param {{ me: string, followed: string, followedName: string }} who
 * @param {(place: string) => string} nameOf a place's name
 * @param {Words} words
 * @returns {string[]}
 */
export function announcements(before, after, who, nameOf, words) {
  const said = [];
  const [mine, mineNow] = [placeOf(before, who.me), placeOf(after, who.me)];
  if (mineNow && mineNow !== mine) said.push(fill(words.said_my_seat, { place: nameOf(mineNow) }));
  else if (mine && !mineNow) said.push(fill(words.said_my_seat_lost, { place: nameOf(mine) }));
  if (who.followed && who.followed !== who.me) {
    const [was, is] = [placeOf(before, who.followed), placeOf(after, who.followed)];
    const name = who.followedName;
    if (is && is !== was) said.push(fill(words.said_arrived, { name, place: nameOf(is) }));
    else if (was && !is) said.push(fill(words.said_left, { name, place: nameOf(was) }));
  }
  return said;
}

/**
 * Where the followed person is now, if they are on this floor.
 *
 * @param {Occupancy} occupancy
 * @param {string} person
 */
export const seatOf = placeOf;
