// What every page owes: accessible in both languages, in light and dark, without troubles; and the
// pages of labels, which show without changing and tell strangers nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { scan, startCity } from '../city.mjs';
import { assertAccessible, openBrowser } from '../harness.mjs';

/** @type {Awaited<ReturnType<typeof startCity>>} */
let city;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;

before(async () => {
  [city, browser] = await Promise.all([startCity(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await city?.stop();
});

for (const [locale, colorScheme, width, seat] of /** @type {const} */ ([
  ['ja-JP', 'light', 1300, 'A-10'],
  ['en-GB', 'dark', 360, 'A-11'],
])) {
  test(`every page is accessible: ${locale}, ${colorScheme}, ${width} px wide`, async () => {
    const options = { locale, colorScheme, viewport: { width, height: 800 } };
    const visit = await city.signedIn(browser, 0, options);
    const stranger = await browser.visit(options);
    await scan(city, visit.page, city.seat(seat).label);
    const floor = `/floors/${city.floors[0]?.id}`;
    const pages = [
      '/',
      floor,
      `${floor}?person=${city.people[0]?.id}`,
      '/people',
      '/people?q=山田',
      '/people?q=だれもいない',
      '/items',
      '/enrol',
      '/no-such-page',
      '/q/0000000000000000',
      ...[city.seat('A-04').label, city.item, city.locker, city.exit, city.blank].map((l) => `/q/${l}`),
      `/q/${city.people[0]?.home}`,
      `/q/${city.people[1]?.home}`,
    ];
    for (const path of pages) {
      await visit.page.goto(city.url + path);
      if (path.startsWith(floor)) await visit.page.locator('#live[data-live="on"]').waitFor();
      await visit.page.locator('h1').waitFor();
      assert.equal(await visit.page.locator('html').getAttribute('lang'), locale.slice(0, 2));
      await assertAccessible(visit.page);
      const wide = await visit.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    }
    for (const path of ['/sign-in', '/sign-in#ABCDEFGHJK', '/enrol#ABCDEFGHJK', '/q/0000000000000000']) {
      await stranger.page.goto(city.url + path);
      await assertAccessible(stranger.page);
    }
    await visit.page.goto(city.url);
    await visit.page.locator('.account button').click();
    await assertAccessible(visit.page);
    await visit.close();
    await stranger.close();
  });
}

test('targets are at least 44 px high and wide, but for seats of the map, which the list has too', async () => {
  const visit = await city.signedIn(browser, 0, { viewport: { width: 390, height: 800 } });
  for (const path of ['/', '/people?q=山田', '/items', `/floors/${city.floors[0]?.id}`]) {
    await visit.page.goto(city.url + path);
    const small = await visit.page.evaluate(() =>
      [...document.querySelectorAll('a, button, input:not([type=hidden])')]
        .filter((element) => !element.matches('.skip, .map-skip a, a.at'))
        .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML }))
        .filter(({ box }) => box.width > 0 && (box.width < 43.9 || box.height < 43.9))
        .map(({ box, html }) => `${box.width}x${box.height} ${html}`),
    );
    assert.deepEqual(small, [], path);
  }
  await visit.close();
});

test('scripts and styles are ours alone, and the policy says so', async () => {
  const visit = await city.signedIn(browser, 0);
  const paths = ['/', `/floors/${city.floors[0]?.id}`, '/people', '/items', '/enrol'];
  for (const path of paths) {
    const response = await visit.page.goto(city.url + path);
    const policy = response?.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
    const inline = await visit.page.locator('[style], style, script:not([src])').count();
    assert.equal(inline, 0, path);
  }
  visit.assertUntroubled();
  await visit.close();
});

test('strangers, unknown labels and foreign labels get one and the same answer', async () => {
  const visit = await city.signedIn(browser, 0);
  const own = city.seat('A-01').label;
  const answer = async (/** @type {string} */ label, /** @type {boolean} */ signedIn) => {
    const options = { maxRedirects: 0 };
    const request = signedIn ? visit.page.context().request : (await browser.visit()).page.context().request;
    const response = await request.get(`${city.url}/q/${label}`, {
      ...options,
      headers: { 'accept-language': 'ja' },
    });
    return { status: response.status(), body: await response.text() };
  };
  const stranger = await answer(own, false);
  for (const [label, signedIn] of /** @type {[string, boolean][]} */ ([
    [city.item, false],
    [city.foreign, false],
    ['0000000000000000', false],
    ['nonsense', false],
    [city.foreign, true],
    ['0000000000000000', true],
    ['nonsense', true],
  ])) {
    assert.deepEqual(await answer(label, signedIn), stranger, `${label} ${signedIn}`);
  }
  assert.match(stranger.body, /サインインが必要です/);
  assert.notEqual((await answer(own, true)).body, stranger.body);
  await visit.close();
});

test('opening a label changes nothing; the button does, once', async () => {
  const visit = await city.signedIn(browser, 3);
  const page = visit.page;
  const { label } = city.seat('C-01');
  await page.goto(`${city.url}/q/${label}`);
  await page.goto(`${city.url}/q/${label.toLowerCase()}`);
  assert.equal(await page.locator('h1').textContent(), '座席 C-01');
  assert.equal(await page.locator('main form button').textContent(), 'ここに着席する');
  await page.locator('main form button').click();
  await page.waitForURL(/done=sit/);
  assert.equal(await page.locator('.done').textContent(), '着席を登録しました。');
  await page.reload();
  assert.equal(await page.locator('.done').textContent(), '着席を登録しました。');
  await page.goto(city.url);
  assert.match(await page.locator('.me').innerText(), /在席\s*1階 C-01/);
  visit.assertUntroubled();
  await visit.close();
});

test('an item is borrowed, refused to the next with the borrower named, and brought back', async () => {
  const [first, second] = [await city.signedIn(browser, 1), await city.signedIn(browser, 2)];
  await scan(city, first.page, city.item);
  assert.equal(await first.page.locator('.done').textContent(), '貸出を登録しました。');
  await second.page.goto(`${city.url}/q/${city.item}`);
  assert.match(await second.page.locator('main').innerText(), /この備品は 佐藤 健 さんに貸出中です。/);
  assert.equal(await second.page.locator('main form button').count(), 0);
  await second.page.goto(`${city.url}/items`);
  assert.match(await second.page.locator('main').innerText(), /貸出中\s*佐藤 健/);
  await scan(city, first.page, city.item);
  assert.equal(await first.page.locator('.done').textContent(), '返却を登録しました。');
  await first.close();
  await second.close();
});

test('a link cannot make a page say that something was recorded', async () => {
  const visit = await city.signedIn(browser, 5);
  await visit.page.goto(`${city.url}/q/${city.seat('C-20').label}?done=sit`);
  assert.equal(await visit.page.locator('.done').count(), 0);
  await visit.close();
});

test('a form of another site is turned away and changes nothing', async () => {
  const visit = await city.signedIn(browser, 6);
  const { request } = visit.page.context();
  const address = `${city.url}/q/${city.seat('C-21').label}`;
  for (const headers of /** @type {Record<string, string>[]} */ ([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ])) {
    const response = await request.post(address, { form: { meaning: 'sit' }, headers, maxRedirects: 0 });
    assert.equal(response.status(), 403, JSON.stringify(headers));
  }
  await visit.page.goto(address);
  assert.equal(await visit.page.locator('main form button').textContent(), 'ここに着席する');
  await visit.close();
});

test('one signs in by a typed code without scripts, and comes back to where one wanted to go', async () => {
  const visit = await browser.visit({ javaScriptEnabled: false });
  const page = visit.page;
  await page.goto(`${city.url}/items`);
  assert.match(page.url(), /\/sign-in\?next=/);
  await page.locator('#code').fill('WRONGCODE0');
  await page.locator('#go').click();
  assert.match(await page.locator('.problem').innerText(), /登録コードが正しくない/);
  const typed = city.people[7]?.typed ?? '';
  await page.locator('#code').fill(`${typed.slice(0, 4)}-${typed.slice(4, 7)} ${typed.slice(7)}`.toLowerCase());
  await page.locator('#go').click();
  assert.equal(page.url(), `${city.url}/items`);
  const [cookie] = await page.context().cookies();
  assert.ok(cookie?.httpOnly && cookie.sameSite === 'Lax');
  await page.goto(`${city.url}/sign-in?next=//evil.example/`);
  assert.equal(page.url(), `${city.url}/`);
  await visit.close();
});

test('after signing in from a label, in either language, one is back at the label', async () => {
  const visit = await browser.visit();
  const page = visit.page;
  await page.goto(`${city.url}/q/${city.seat('C-22').label}`);
  await page.locator('main a.main').click();
  await page.locator('a.language').click();
  await page.waitForURL(/lang=en/);
  await page.locator('#code').fill(city.code(6));
  await page.locator('#go').click();
  await page.waitForURL(/\/q\//);
  assert.match((await page.locator('h1').textContent()) ?? '', /^\w.* C-22$/);
  await visit.close();
});

test('the code of a link leaves the address, and the history, at once', async () => {
  const visit = await browser.visit();
  await visit.page.goto(`${city.url}/sign-in#${city.code(6)}`);
  await visit.page.locator('#linked').waitFor();
  assert.equal(visit.page.url(), `${city.url}/sign-in`);
  await visit.close();
});

test('an enrolment link opened in a browser explains itself and leads to the sign-in', async () => {
  const visit = await browser.visit();
  await visit.page.goto(`${city.url}/enrol#${city.code(6)}`);
  assert.equal(await visit.page.locator('#by-hand').isVisible(), true);
  await visit.page.locator('#browser').click();
  await visit.page.locator('#linked').waitFor();
  await visit.page.locator('#go').click();
  await visit.page.waitForURL(`${city.url}/`);
  await visit.close();
});

test('a chosen language is remembered and keeps what was asked for', async () => {
  const visit = await city.signedIn(browser, 0);
  await visit.page.goto(`${city.url}/people?q=山田`);
  await visit.page.locator('.language').click();
  assert.equal(await visit.page.locator('h1').textContent(), 'Find a person');
  assert.equal(await visit.page.locator('#q').inputValue(), '山田');
  await visit.page.goto(`${city.url}/items`);
  assert.equal(await visit.page.locator('h1').textContent(), 'Items');
  await visit.close();
});

test('a plan is a picture in a sandbox, for members of its organisation only', async () => {
  const visit = await city.signedIn(browser, 0);
  const address = `${city.url}/plans/${city.floors[0]?.id}.svg`;
  const response = await visit.page.context().request.get(address);
  assert.equal(response.status(), 200);
  const headers = response.headers();
  assert.equal(headers['content-type'], 'image/svg+xml');
  assert.match(headers['content-security-policy'] ?? '', /^sandbox; default-src 'none'/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  const again = await visit.page.context().request.get(address, {
    headers: { 'if-none-match': headers['etag'] ?? '' },
  });
  assert.equal(again.status(), 304);
  const stranger = await (await browser.visit()).page.context().request.get(address, { maxRedirects: 0 });
  assert.equal(stranger.status(), 303);
  await visit.close();
});
