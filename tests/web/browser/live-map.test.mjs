// The live map in a real browser: it changes by shape and words while one watches, for everybody who
// watches, and catches up after a break.

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { scan, startCity } from '../city.mjs';
import { openBrowser } from '../harness.mjs';

/** @import { Page } from 'playwright-core' */

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

const floor = () => {
  const id = city.floors[0]?.id;
  assert.ok(id);
  return id;
};

/** @param {Page} page @param {string} [query] */
async function watch(page, query = '') {
  await page.goto(`${city.url}/floors/${floor()}${query}`);
  await page.locator('#live[data-live="on"]').waitFor();
}

/**
 * How the map and the list show a seat.
 *
 * @param {Page} page
 * @param {string} name
 */
async function shown(page, name) {
  const { id } = city.seat(name);
  const shape = page.locator(`#seat-${id}`);
  const row = page.locator(`#row-${id}`);
  return {
    shape: await shape.locator('use').getAttribute('href'),
    inShape: await shape.locator('.in').textContent(),
    label: await shape.getAttribute('aria-label'),
    state: await row.locator('.state').textContent(),
    people: (await row.locator('.people').innerText()).replace(/\s+/g, ' ').trim(),
  };
}

test('a seat changes shape and words within two seconds of a scan, on the map and in the list', async () => {
  const watcher = await city.signedIn(browser, 0);
  const sitter = await city.signedIn(browser, 1);
  await watch(watcher.page);
  assert.deepEqual(await shown(watcher.page, 'A-05'), {
    shape: '#at-free',
    inShape: '空',
    label: 'A-05 空席',
    state: '空席',
    people: '',
  });
  const count = await watcher.page.locator('#count').textContent();
  await sitter.page.goto(`${city.url}/q/${city.seat('A-05').label}`);
  const began = Date.now();
  await sitter.page.locator('main form button').click();
  await watcher.page
    .locator(`#seat-${city.seat('A-05').id}[data-state="taken"]`)
    .waitFor({ timeout: 2_000 });
  assert.ok(Date.now() - began <= 2_000, `${Date.now() - began} ms`);
  assert.deepEqual(await shown(watcher.page, 'A-05'), {
    shape: '#at-taken',
    inShape: '佐藤',
    label: 'A-05 在席 佐藤 健',
    state: '在席',
    people: '佐藤 健 市民課',
  });
  assert.notEqual(await watcher.page.locator('#count').textContent(), count);
  watcher.assertUntroubled();
  sitter.assertUntroubled();
  await watcher.close();
  await sitter.close();
});

test('what the stream writes is what the server writes when the page is loaded again', async () => {
  const watcher = await city.signedIn(browser, 0);
  const sitter = await city.signedIn(browser, 4);
  await watch(watcher.page);
  await scan(city, sitter.page, city.seat('B-07').label);
  await watcher.page.locator(`#seat-${city.seat('B-07').id}[data-state="taken"]`).waitFor();
  const html = () =>
    watcher.page.evaluate((id) => {
      const part = (/** @type {string} */ name) => document.getElementById(`${name}-${id}`)?.outerHTML;
      return `${part('seat')}\n${part('row')}`.replace(/ (tabindex="[^"]*"|class="")/g, '');
    }, city.seat('B-07').id);
  const live = await html();
  await watch(watcher.page);
  assert.equal(live, await html());
  await watcher.close();
  await sitter.close();
});

test('two viewers see the same change', async () => {
  const viewers = [await city.signedIn(browser, 0), await city.signedIn(browser, 2, { locale: 'en-GB' })];
  const sitter = await city.signedIn(browser, 3);
  for (const { page } of viewers) await watch(page);
  await scan(city, sitter.page, city.seat('C-10').label);
  for (const { page } of viewers) {
    await page.locator(`#seat-${city.seat('C-10').id}[data-state="taken"]`).waitFor();
  }
  const [first, second] = viewers;
  assert.ok(first && second);
  assert.equal((await shown(first.page, 'C-10')).label, 'C-10 在席 渡邉 明');
  assert.equal((await shown(second.page, 'C-10')).label, 'C-10, Taken: 渡邉 明');
  for (const visit of [...viewers, sitter]) await visit.close();
});

/**
 * A wire to the server that can be cut and mended.
 */
async function cuttable() {
  const { hostname, port } = new URL(city.url);
  let whole = true;
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const wire = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [one, other] of /** @type {const} */ ([[near, far], [far, near]])) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one));
    }
  });
  await new Promise((resolve) => wire.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = wire.address();
  assert.ok(address && typeof address === 'object');
  const cut = () => {
    whole = false;
    sockets.forEach((socket) => socket.destroy());
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend: () => void (whole = true),
    close: () => {
      cut();
      wire.close();
    },
  };
}

test('after a break the map catches up from the last message it had', async () => {
  const watcher = await city.signedIn(browser, 0);
  const sitter = await city.signedIn(browser, 5);
  const wire = await cuttable();
  const page = watcher.page;
  /** @type {string[]} */
  const resumed = [];
  page.on('request', async (request) => {
    if (!request.url().includes('/changes')) return;
    const since = new URL(request.url()).searchParams.get('since');
    resumed.push((await request.headerValue('last-event-id')) ?? since ?? '');
  });
  await page.goto(`${wire.url}/floors/${floor()}`);
  await page.locator('#live[data-live="on"]').waitFor();
  wire.cut();
  await page.locator('#live[data-live="off"]').waitFor();
  await scan(city, sitter.page, city.seat('A-20').label);
  assert.equal((await shown(page, 'A-20')).shape, '#at-free');
  wire.mend();
  await page.locator(`#seat-${city.seat('A-20').id}[data-state="taken"]`).waitFor();
  await page.locator('#live[data-live="on"]').waitFor();
  assert.ok(resumed.length >= 2, `${resumed.length} attempts`);
  assert.ok(resumed.every((id) => /^[0-9a-f]{16}-\d+$/.test(id)), `${resumed}`);
  wire.close();
  await watcher.close();
  await sitter.close();
});

test('a screen reader hears of the person one follows and of nobody else', async () => {
  const watcher = await city.signedIn(browser, 0);
  const [followed, other] = [await city.signedIn(browser, 2), await city.signedIn(browser, 6)];
  await watch(watcher.page, `?person=${city.people[2]?.id}`);
  const said = watcher.page.locator('#said');
  await scan(city, other.page, city.seat('A-27').label);
  await watcher.page.locator(`#seat-${city.seat('A-27').id}[data-state="taken"]`).waitFor();
  assert.equal(await said.textContent(), '');
  await scan(city, followed.page, city.seat('A-28').label);
  await watcher.page.locator(`#seat-${city.seat('A-28').id}.found`).waitFor();
  assert.equal(await said.textContent(), '髙橋 直樹さんが A-28 に着席しました。');
  for (const visit of [watcher, followed, other]) await visit.close();
});

test('signing out ends the map that is open in another tab, and says so', async () => {
  const visit = await city.signedIn(browser, 7);
  await watch(visit.page);
  const other = await visit.page.context().newPage();
  await other.goto(city.url);
  await other.locator('.account button').click();
  await visit.page.locator('#live[data-live="ended"]').waitFor();
  await visit.close();
});

test('a session that ended while the server was out of reach asks for a sign-in', async () => {
  const visit = await city.signedIn(browser, 6);
  const wire = await cuttable();
  await visit.page.goto(`${wire.url}/floors/${floor()}`);
  await visit.page.locator('#live[data-live="on"]').waitFor();
  wire.cut();
  await visit.page.locator('#live[data-live="off"]').waitFor();
  const cookies = await visit.page.context().cookies();
  const other = await visit.page.context().newPage();
  await other.goto(city.url);
  await other.locator('.account button').click();
  await other.locator('h1').waitFor();
  // The tab that was left open still shows the cookie that has ended.
  await visit.page.context().addCookies(cookies);
  wire.mend();
  await visit.page.locator('#live[data-live="ended"]').waitFor();
  wire.close();
  await visit.close();
});

test('after the map was dragged a seat still opens by keyboard', async () => {
  const { page, close } = await city.signedIn(browser, 0);
  await watch(page);
  const box = await page.locator('#plan').boundingBox();
  assert.ok(box);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 30, { steps: 4 });
  await page.mouse.up();
  const { id } = city.seat('A-05');
  await page.locator(`#seat-${id}`).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**#row-${id}`);
  await close();
});

test('the map without scripts shows the floor as it was, and leads to the list', async () => {
  const { page, close } = await city.signedIn(browser, 0);
  const state = await page.context().storageState();
  const plain = await browser.visit({ javaScriptEnabled: false, storageState: state });
  await plain.page.goto(`${city.url}/floors/${floor()}`);
  assert.ok(await plain.page.locator('#live').isVisible());
  assert.ok(await plain.page.locator('#map-tools').isHidden());
  await plain.page.locator(`#seat-${city.seat('A-01').id}`).click();
  assert.match(plain.page.url(), new RegExp(`#row-${city.seat('A-01').id}$`));
  await plain.close();
  await close();
});

test('the map with everything it loads weighs less than 150 kB', async () => {
  const visit = await city.signedIn(browser, 0);
  const session = await visit.page.context().newCDPSession(visit.page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await watch(visit.page);
  await visit.page.waitForTimeout(500);
  assert.ok(bytes > 5_000, 'something was measured');
  assert.ok(bytes < 150_000, `${bytes} bytes`);
  console.log(`map page: ${bytes} bytes on the wire`);
  await visit.close();
});
