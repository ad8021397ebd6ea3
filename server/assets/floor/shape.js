// What is written of a place: in its shape on the map, in its line of the list, for a screen
// reader. The server's `show.rs` and `floor/view.rs` write the same when the page is made.

/** @import { PersonAtPlace, PlaceOnFloor, Words } from './floor.d.ts' */

const MOST_WIDTH = 4;

/** @param {string} letter */
const letterWidth = (letter) => (letter.charCodeAt(0) < 128 ? 0.6 : 1);

/**
 * Puts values into a pattern: `{name}` becomes the value of that name.
 *
 * @param {string} pattern
 * @param {Record<string, string>} values
 */
export function fill(pattern, values) {
  return pattern.replace(/\{(\w*)\}/g, (_, name) => values[name] ?? '');
}

/**
 * The family name, shortened to what a shape holds.
 *
 * @param {string} name
 */
export function shortName(name) {
  const family = name.trim().split(/\s+/)[0] ?? '';
  let short = '';
  let width = 0;
  for (const letter of family) {
    width += letterWidth(letter);
    if (width > MOST_WIDTH + 1e-6) return `${short}…`;
    short += letter;
  }
  return short;
}

/**
 * How many full-width letters a short text is wide, from 2 to 4: chooses its size.
 *
 * @param {string} text
 */
export function textWidth(text) {
  const width = [...text].reduce((sum, letter) => sum + letterWidth(letter), 0);
  return Math.min(4, Math.max(2, Math.ceil(width - 1e-6)));
}

/**
 * The time of day of a moment in the organisation's zone, `9:05`.
 *
 * @param {number} micros since 1970 in UTC
 * @param {string} zone IANA name
 */
export function timeOfDay(micros, zone) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: 'numeric',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(micros / 1000);
  const part = (/** @type {string} */ type) => parts.find((p) => p.type === type)?.value ?? '';
  return `${Number(part('hour'))}:${part('minute')}`;
}

/**
 * Everything that is written of a place.
 *
 * @param {PlaceOnFloor} place
 * @param {PersonAtPlace[]} people
 * @param {Words} words
 * @param {string} zone
 */
export function describe(place, people, words, zone) {
  const [first] = people;
  const room = place.kind === 'room';
  const counted = fill(words.room_taken, { count: String(people.length) });
  const occupied = room ? counted : words.taken;
  const empty = room ? words.room_free : words.free;
  const stateWords = first ? occupied : empty;
  const names = people.map(({ name }) => name).filter(Boolean).join(words.between_names);
  const seatText = first ? shortName(first.name) || words.taken_in_shape : words.free_in_shape;
  return {
    state: first ? 'taken' : 'free',
    stateWords,
    inShape: room ? stateWords : seatText,
    label: fill(names ? words.name_of_taken : words.name_of_seat, {
      place: place.name,
      state: stateWords,
      people: names,
    }),
    since: first && !room ? fill(words.since, { time: timeOfDay(first.since_us, zone) }) : '',
  };
}
