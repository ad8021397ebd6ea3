// The map under the hand: zooming and moving by buttons, keys, wheel and fingers, and going from
// seat to seat by arrow keys, with one seat in the tab order.

import { neighbour } from './neighbour.js';
import { move, show, written, zoom } from './view-box.js';

/** @import { Box } from './view-box.js' */
/** @import { PlaceOnPage } from './paint.js' */

const STEP = 1.5;
const DRAG_FROM_PX = 5;

/** A place that one is led to is shown this wide when it would be much smaller. */
const LED_TO_PX = 44;
const MUCH_SMALLER = 1.25;
const SHAPE_UNITS = 100;

/**
 * Makes the map movable.
 *
 * @param {SVGSVGElement} plan
 * @param {HTMLElement} tools
 * @param {PlaceOnPage[]} places
 * @returns {{ lead: (place: PlaceOnPage) => void }} `lead` brings a place into view and the focus
 *   to it
 */
export function enliven(plan, tools, places) {
  const { x, y, width, height } = plan.viewBox.baseVal;
  /** @type {Box} */
  const whole = { x, y, width, height };
  let part = whole;

  const look = (/** @type {Box} */ box) => {
    part = box;
    plan.setAttribute('viewBox', written(box));
    plan.classList.toggle('zoomed', box.width < whole.width);
  };
  const middle = () => ({ x: part.x + part.width / 2, y: part.y + part.height / 2 });
  const pan = (/** @type {number} */ dx, /** @type {number} */ dy) =>
    look(move(part, whole, (dx * part.width) / 4, (dy * part.height) / 4));

  /** @type {Record<string, () => void>} */
  const deeds = {
    in: () => look(zoom(part, whole, STEP, middle())),
    out: () => look(zoom(part, whole, 1 / STEP, middle())),
    all: () => look(whole),
    left: () => pan(-1, 0),
    right: () => pan(1, 0),
    up: () => pan(0, -1),
    down: () => pan(0, 1),
  };
  /** @type {Record<string, string>} */
  const keys = { '+': 'in', '=': 'in', ';': 'in', '-': 'out', '0': 'all' };

  tools.hidden = false;
  tools.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    deeds[button?.dataset['do'] ?? '']?.();
  });

  // One seat is in the tab order; the arrow keys go on from there.
  const points = places.map(({ shape }) => {
    const { e, f } = shape.transform.baseVal.consolidate()?.matrix ?? { e: 0, f: 0 };
    return { x: e, y: f };
  });
  let current = 0;
  const choose = (/** @type {number} */ index) => {
    places[current]?.shape.setAttribute('tabindex', '-1');
    current = index;
    places[current]?.shape.setAttribute('tabindex', '0');
  };
  places.forEach(({ shape }, index) => {
    shape.setAttribute('tabindex', index === current ? '0' : '-1');
    shape.addEventListener('focus', () => {
      choose(index);
      const point = points[index];
      if (point) look(show(part, whole, point));
    });
  });

  plan.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const deed = deeds[keys[event.key] ?? ''];
    const next = neighbour(points, current, event.key);
    if (deed) deed();
    else if (next >= 0) places[next]?.shape.focus({ preventScroll: true });
    else if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
  });

  const at = (/** @type {MouseEvent} */ event) => {
    const matrix = plan.getScreenCTM()?.inverse();
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
  };
  plan.addEventListener(
    'wheel',
    (event) => {
      // The bare wheel scrolls the page; with Ctrl, or two fingers on a touch pad, it zooms.
      if (!event.ctrlKey) return;
      event.preventDefault();
      look(zoom(part, whole, Math.exp(-event.deltaY / 200), at(event)));
    },
    { passive: false },
  );

  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();
  let dragged = false;
  const spread = () => {
    const [one, other] = [...fingers.values()];
    return one && other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
  };
  const lift = (/** @type {PointerEvent} */ event) => void fingers.delete(event.pointerId);
  plan.addEventListener('pointerdown', (event) => {
    if (fingers.size === 0) dragged = false;
    fingers.set(event.pointerId, event);
  });
  plan.addEventListener('pointermove', (event) => {
    // A mouse let go outside the window never said so.
    if (event.pointerType === 'mouse' && event.buttons === 0) lift(event);
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const far = Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
    if (!dragged && fingers.size === 1 && far < DRAG_FROM_PX) return;
    if (!dragged) plan.setPointerCapture(event.pointerId);
    dragged = true;
    const [was, is] = [at(before), at(event)];
    const apart = spread();
    fingers.set(event.pointerId, event);
    if (fingers.size === 2 && apart > 0) look(zoom(part, whole, spread() / apart, is));
    else look(move(part, whole, was.x - is.x, was.y - is.y));
  });
  plan.addEventListener('pointerup', lift);
  plan.addEventListener('pointercancel', lift);
  plan.addEventListener(
    'click',
    (event) => {
      // Letting go after a drag is no choice of a seat; a key press, which counts no clicks, is.
      if (dragged && event.detail > 0) event.preventDefault();
      dragged = false;
    },
    { capture: true },
  );

  return {
    lead(place) {
      const index = places.indexOf(place);
      choose(index);
      const [point, matrix] = [points[index], place.shape.getScreenCTM()];
      const factor = LED_TO_PX / (SHAPE_UNITS * (matrix?.a ?? 1));
      if (point && factor > MUCH_SMALLER) look(zoom(part, whole, factor, point));
      place.shape.focus();
    },
  };
}
