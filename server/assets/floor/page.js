// The floor's page: puts the modules together. Without it the page shows the floor as it was when
// it was opened.

import { announcements, seatOf } from './announce.js';
import { matches } from './filter.js';
import { enliven } from './map.js';
import { occupancyOf, paint, placesOf } from './paint.js';
import { fill } from './shape.js';
import { follow } from './stream.js';

/** @import { Occupancy, Words } from './floor.d.ts' */

const floor = document.getElementById('floor');
const plan = document.getElementById('plan');
const tools = document.getElementById('map-tools');
if (floor && tools && plan instanceof SVGSVGElement) run(floor, plan, tools);

/**
 * @param {HTMLElement} floor
 * @param {SVGSVGElement} plan
 * @param {HTMLElement} tools
 */
function run(floor, plan, tools) {
  const { stream = '', since = '', zone = 'UTC', me = '', followed = '', seat = '' } = floor.dataset;
  const followedName = floor.dataset['followedName'] ?? '';
  /** @type {Words} */
  const words = JSON.parse(floor.dataset['words'] ?? '{}');
  const places = placesOf(floor);
  let occupancy = occupancyOf(places);
  const write = (/** @type {string} */ id, /** @type {string} */ text) => {
    const element = document.getElementById(id);
    if (element && element.textContent !== text) element.textContent = text;
  };

  const { lead } = enliven(plan, tools, [...places.values()]);
  const asked = places.get(seat);
  if (asked) lead(asked);
  const narrow = narrowing([...places.values()], words, write);

  /** @param {Occupancy} next @param {Iterable<string>} changed */
  const become = (next, changed) => {
    const said = announcements(
      occupancy,
      next,
      { me, followed, followedName },
      (id) => places.get(id)?.name ?? '',
      words,
    );
    occupancy = next;
    for (const id of changed) {
      const place = places.get(id);
      if (place) paint(place, next.get(id) ?? [], words, zone);
    }
    const shown = seatOf(next, followed) ?? (followed ? '' : seat);
    for (const { id, shape, row } of places.values()) {
      shape.classList.toggle('found', id === shown);
      row.classList.toggle('found', id === shown);
    }
    const seats = [...places.values()].filter(({ kind }) => kind === 'seat');
    const free = seats.filter(({ id }) => !next.has(id)).length;
    write('count', fill(words.free_of_total, { free: String(free), total: String(seats.length) }));
    if (said.length > 0) write('said', said.join(' '));
    narrow();
  };

  const live = document.getElementById('live');
  const liveWords = {
    waiting: words.live_waiting,
    on: words.live_on,
    off: words.live_off,
    ended: words.live_ended,
  };
  follow({
    url: stream,
    since,
    onSnapshot: (taken) => {
      const next = new Map(taken.map(({ place, people }) => [place, people]));
      become(next, places.keys());
    },
    onChange: (changed) => {
      const next = new Map(occupancy);
      for (const { place, people } of changed) {
        if (people.length > 0) next.set(place, people);
        else next.delete(place);
      }
      become(next, changed.map(({ place }) => place));
    },
    onState: (state) => {
      if (live) live.dataset['live'] = state;
      write('live-words', liveWords[state]);
    },
  });
}

/**
 * Narrows list and map down to what is typed.
 *
 * @param {import('./paint.js').PlaceOnPage[]} places
 * @param {Words} words
 * @param {(id: string, text: string) => void} write
 * @returns {() => void} does it again, after a change
 */
function narrowing(places, words, write) {
  const box = document.getElementById('filter');
  const field = document.getElementById('narrow');
  if (!box || !(field instanceof HTMLInputElement)) return () => {};
  box.hidden = false;
  const narrow = () => {
    const typed = field.value.trim();
    let count = 0;
    for (const { shape, row } of places) {
      const zone = row.closest('.group')?.querySelector('h3')?.textContent ?? '';
      const shown = typed === '' || matches(`${row.textContent} ${zone}`, typed);
      row.hidden = !shown;
      shape.classList.toggle('dimmed', !shown);
      count += shown ? 1 : 0;
    }
    for (const group of document.querySelectorAll('.group')) {
      if (group instanceof HTMLElement) group.hidden = !group.querySelector('tbody tr:not([hidden])');
    }
    write('narrowed', typed ? fill(words.floor_filter_count, { count: String(count) }) : '');
  };
  field.addEventListener('input', narrow);
  return narrow;
}
