// Writes how places are into the page: the shape on the map and the line in the list, always both.

import { describe, textWidth } from './shape.js';

/** @import { Occupancy, PersonAtPlace, PlaceOnFloor, Words } from './floor.d.ts' */

/**
 * A place with the two parts of the page that show it.
 *
 * @typedef {PlaceOnFloor & { shape: SVGAElement, row: HTMLTableRowElement }} PlaceOnPage
 */

/**
 * Finds every place of the page.
 *
 * @param {ParentNode} root
 * @returns {Map<string, PlaceOnPage>}
 */
export function placesOf(root) {
  /** @type {Map<string, PlaceOnPage>} */
  const places = new Map();
  for (const shape of /** @type {NodeListOf<SVGAElement>} */ (root.querySelectorAll('a.at'))) {
    const id = shape.id.slice('seat-'.length);
    const row = document.getElementById(`row-${id}`);
    if (row instanceof HTMLTableRowElement) {
      const kind = shape.dataset['kind'] === 'room' ? 'room' : 'seat';
      places.set(id, { id, name: shape.dataset['name'] ?? '', kind, shape, row });
    }
  }
  return places;
}

/**
 * Who is where as the server wrote it into the page.
 *
 * @param {Map<string, PlaceOnPage>} places
 * @returns {Occupancy}
 */
export function occupancyOf(places) {
  /** @type {Occupancy} */
  const occupancy = new Map();
  for (const { id, row } of places.values()) {
    /** @type {NodeListOf<HTMLElement>} */
    const there = row.querySelectorAll('.person');
    const people = [...there].map((person) => ({
      person: person.dataset['person'] ?? '',
      name: person.querySelector('.name')?.textContent ?? '',
      section: person.querySelector('.soft')?.textContent ?? '',
      since_us: 0,
    }));
    if (people.length > 0) occupancy.set(id, people);
  }
  return occupancy;
}

/**
 * Shows a place as it is now.
 *
 * @param {PlaceOnPage} place
 * @param {PersonAtPlace[]} people
 * @param {Words} words
 * @param {string} zone
 */
export function paint(place, people, words, zone) {
  const { shape, row } = place;
  const said = describe(place, people, words, zone);
  shape.dataset['state'] = said.state;
  shape.setAttribute('aria-label', said.label);
  const prefix = place.kind === 'room' ? 'room' : 'at';
  shape.querySelector('use')?.setAttribute('href', `#${prefix}-${said.state}`);
  const text = /** @type {SVGTextElement | null} */ (shape.querySelector('.in'));
  if (text) {
    text.textContent = said.inShape;
    text.dataset['width'] = String(textWidth(said.inShape));
  }
  row.dataset['state'] = said.state;
  const state = row.querySelector('.state');
  if (state) {
    state.className = `state ${said.state}`;
    state.textContent = said.stateWords;
  }
  row.querySelector('.people')?.replaceChildren(...people.map(personLine));
  const since = row.querySelector('.since');
  if (since) since.textContent = said.since;
}

/** @param {PersonAtPlace} person */
function personLine({ person, name, section }) {
  const part = (/** @type {string} */ className, /** @type {string} */ text) => {
    const span = document.createElement('span');
    span.className = className;
    span.textContent = text;
    return span;
  };
  const line = part('person', '');
  line.dataset['person'] = person;
  line.append(part('name', name), ' ', part('soft', section));
  return line;
}
