// The floor's page in its pure parts: what is written, said, shown and skipped.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { announcements } from '../../../server/assets/floor/announce.js';
import { fold, matches } from '../../../server/assets/floor/filter.js';
import { neighbour } from '../../../server/assets/floor/neighbour.js';
import { describe, fill, shortName, textWidth, timeOfDay } from '../../../server/assets/floor/shape.js';
import { pauseMs } from '../../../server/assets/floor/stream.js';
import { move, show, zoom } from '../../../server/assets/floor/view-box.js';
import { codeOf, inGroups } from '../../../server/assets/fragment.js';

/** @import { Occupancy, Words } from '../../../server/assets/floor/floor.d.ts' */

/** @type {Words} */
const WORDS = {
  language: 'ja',
  free: '空席',
  taken: '在席',
  free_in_shape: '空',
  taken_in_shape: '在席',
  room_free: '空室',
  room_taken: '{count}名',
  name_of_seat: '{place} {state}',
  name_of_taken: '{place} {state} {people}',
  between_names: '、',
  free_of_total: '空席 {free} / 全 {total} 席',
  floor_filter_count: '{count}件を表示',
  since: '{time}から',
  live_on: '更新中',
  live_waiting: '接続しています…',
  live_off: '切断',
  live_ended: '終了',
  said_arrived: '{name}さんが {place} に着席しました。',
  said_left: '{name}さんは {place} を離れました。',
  said_my_seat: 'あなたの座席は {place} です。',
  said_my_seat_lost: '{place} はあなたの座席ではなくなりました。',
};

/** 2026-11-24 09:05 in Tokyo. */
const MORNING_US = 1_795_478_700_000_000;

const person = (/** @type {string} */ id, name = '山田 花子') => ({
  person: id,
  name,
  section: '企画課',
  since_us: MORNING_US,
});

test('a name is shortened to what a shape holds, as the server does it', () => {
  for (const [name, short, width] of /** @type {const} */ ([
    ['山田 花子', '山田', 2],
    ['佐々木 一', '佐々木', 3],
    ['勅使河原 葵', '勅使河原', 4],
    ['ヴァンデンベルグ 太郎', 'ヴァンデ…', 4],
    ['𠮷野家 太郎', '𠮷野家', 3],
    ['Li Wei', 'Li', 2],
    ['Schwarzenegger A', 'Schwar…', 4],
    ['', '', 2],
  ])) {
    assert.equal(shortName(name), short);
    assert.equal(textWidth(short), width, name);
  }
});

test('a seat is described by shape, words, label and time', () => {
  const seat = /** @type {const} */ ({ id: 's', name: 'A-12', kind: 'seat' });
  assert.deepEqual(describe(seat, [], WORDS, 'Asia/Tokyo'), {
    state: 'free',
    stateWords: '空席',
    inShape: '空',
    label: 'A-12 空席',
    since: '',
  });
  assert.deepEqual(describe(seat, [person('p')], WORDS, 'Asia/Tokyo'), {
    state: 'taken',
    stateWords: '在席',
    inShape: '山田',
    label: 'A-12 在席 山田 花子',
    since: '9:05から',
  });
});

test('a seat whose name may not be shown is still told apart in words', () => {
  const seat = /** @type {const} */ ({ id: 's', name: 'A-12', kind: 'seat' });
  const { inShape, label } = describe(seat, [person('p', '')], WORDS, 'Asia/Tokyo');
  assert.equal(inShape, '在席');
  assert.equal(label, 'A-12 在席');
});

test('a room counts and names everybody in it', () => {
  const room = /** @type {const} */ ({ id: 'r', name: '会議室1', kind: 'room' });
  const said = describe(room, [person('p'), person('q', '佐藤 健')], WORDS, 'Asia/Tokyo');
  assert.equal(said.inShape, '2名');
  assert.equal(said.label, '会議室1 2名 山田 花子、佐藤 健');
  assert.equal(describe(room, [], WORDS, 'Asia/Tokyo').inShape, '空室');
});

test('times are of the organisation, wherever the browser is', () => {
  assert.equal(timeOfDay(MORNING_US, 'Asia/Tokyo'), '9:05');
  assert.equal(timeOfDay(MORNING_US, 'UTC'), '0:05');
});

test('values that look like patterns stay what they are', () => {
  assert.equal(fill('{name} {place}', { name: '{place}', place: 'A' }), '{place} A');
});

/** @param {[string, string][]} people place and person */
const occupancy = (...people) => {
  /** @type {Occupancy} */
  const places = new Map();
  for (const [place, id] of people) places.set(place, [...(places.get(place) ?? []), person(id)]);
  return places;
};
const WHO = { me: 'me', followed: 'friend', followedName: '佐藤 健' };
const said = (/** @type {Occupancy} */ before, /** @type {Occupancy} */ now, who = WHO) =>
  announcements(before, now, who, (place) => place, WORDS);

test('what others do is not said', () => {
  assert.deepEqual(said(occupancy(['A', 'x']), occupancy(['B', 'x'], ['C', 'y'])), []);
});

test('the followed person is announced coming, moving and going', () => {
  assert.deepEqual(said(occupancy(), occupancy(['A', 'friend'])), ['佐藤 健さんが A に着席しました。']);
  assert.deepEqual(said(occupancy(['A', 'friend']), occupancy(['B', 'friend'])), ['佐藤 健さんが B に着席しました。']);
  assert.deepEqual(said(occupancy(['A', 'friend']), occupancy()), ['佐藤 健さんは A を離れました。']);
  assert.deepEqual(said(occupancy(['A', 'friend']), occupancy(['A', 'friend'], ['B', 'x'])), []);
});

test('one hears of one’s own seat, also when somebody else has taken it', () => {
  assert.deepEqual(said(occupancy(), occupancy(['A', 'me'])), ['あなたの座席は A です。']);
  assert.deepEqual(said(occupancy(['A', 'me']), occupancy(['A', 'x'])), ['A はあなたの座席ではなくなりました。']);
});

test('one who follows oneself hears everything once', () => {
  const who = { me: 'me', followed: 'me', followedName: '山田 花子' };
  assert.deepEqual(said(occupancy(), occupancy(['A', 'me']), who), ['あなたの座席は A です。']);
});

test('the list is narrowed down whatever the letters’ shapes', () => {
  assert.equal(fold('ＡーＺ ｶﾅ　カナ'), fold('aーz かなかな'));
  assert.ok(matches('A-12 在席 勅使河原 葵 企画課', '企画 テシ') === false);
  assert.ok(matches('A-12 在席 山田 花子 企画課', '企画　山田花'));
  assert.ok(matches('A-12 空席', 'ａ-12'));
  assert.ok(!matches('A-12 空席', 'a-13'));
});

test('an arrow key leads to the nearest seat in its direction', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 0, y: 10 },
    { x: 11, y: 10 },
    { x: 30, y: 1 },
  ];
  assert.equal(neighbour(points, 0, 'ArrowRight'), 1);
  assert.equal(neighbour(points, 1, 'ArrowRight'), 4);
  assert.equal(neighbour(points, 0, 'ArrowDown'), 2);
  assert.equal(neighbour(points, 3, 'ArrowUp'), 1);
  assert.equal(neighbour(points, 0, 'ArrowLeft'), -1);
  assert.equal(neighbour(points, 0, 'Enter'), -1);
  assert.equal(neighbour([], 0, 'ArrowUp'), -1);
});

const WHOLE = { x: 0, y: 0, width: 100, height: 50 };

test('zooming keeps the point where it is and stays within the plan', () => {
  assert.deepEqual(zoom(WHOLE, WHOLE, 2, { x: 50, y: 25 }), { x: 25, y: 12.5, width: 50, height: 25 });
  assert.deepEqual(zoom(WHOLE, WHOLE, 2, { x: 0, y: 0 }), { x: 0, y: 0, width: 50, height: 25 });
  assert.deepEqual(zoom(WHOLE, WHOLE, 0.1, { x: 50, y: 25 }), WHOLE);
  assert.equal(zoom(WHOLE, WHOLE, 1e6, { x: 50, y: 25 }).width, 100 / 8);
});

test('moving stops at the edges of the plan', () => {
  const part = { x: 25, y: 10, width: 50, height: 25 };
  assert.deepEqual(move(part, WHOLE, -999, 999), { x: 0, y: 25, width: 50, height: 25 });
});

test('what is shown is moved only as far as is needed', () => {
  const part = { x: 0, y: 0, width: 50, height: 25 };
  assert.deepEqual(show(part, WHOLE, { x: 25, y: 12 }), part);
  const moved = show(part, WHOLE, { x: 80, y: 12 });
  assert.ok(moved.x > 0 && moved.x + moved.width > 80 && moved.y === 0);
});

test('attempts to connect grow rarer, up to a minute, and never all at once', () => {
  assert.equal(pauseMs(1, 1), 2_000);
  assert.equal(pauseMs(3, 1), 8_000);
  assert.equal(pauseMs(50, 1), 60_000);
  assert.equal(pauseMs(50, 0), 30_000);
});

test('a fragment is a code or it is nothing', () => {
  assert.equal(codeOf('#0123456789'), '0123456789');
  for (const hash of ['', '#', '#short', '#<script>alert(1)</script>', '#0123456789?x', `#${'A'.repeat(65)}`]) {
    assert.equal(codeOf(hash), '', hash);
  }
  assert.equal(inGroups('0123456789'), '0123 4567 89');
});
