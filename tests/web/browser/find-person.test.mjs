// Finding a person and reaching their seat by keyboard alone, the focus always seen.

import assert from 'node:assert/strict';
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

/**
 * What has the focus, and whether one sees that it has: an outline, or on the map a ring in the
 * colour of marks.
 *
 * @param {Page} page
 */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const inView =
      box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const ringed = parseFloat(style.getPropertyValue('--halo-width')) >= 8;
    return {
      id: element.id,
      name: element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '',
      href: element.getAttribute('href') ?? '',
      seen: inView && (outlined || ringed),
    };
  });
}

/**
 * Presses Tab until something fits, and sees the focus at every step.
 *
 * @param {Page} page
 * @param {(element: NonNullable<Awaited<ReturnType<typeof focused>>>) => boolean} fits
 */
async function tabTo(page, fits) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const element = await focused(page);
    if (!element) continue;
    assert.ok(element.seen, `the focus on ${JSON.stringify(element)} is not seen`);
    if (fits(element)) return element;
  }
  return assert.fail('sixty presses of Tab did not lead there');
}

for (const [written, typed] of [
  ['kanji', '勅使河原'],
  ['kana', 'てしがわら'],
  ['the extension', '2104'],
]) {
  test(`a person is found by ${written} and their seat reached by keyboard alone`, async () => {
    const sitter = await city.signedIn(browser, 4);
    await sitter.page.goto(`${city.url}/q/${city.seat('B-03').label}`);
    if (await sitter.page.locator('button[type=submit].main').isVisible()) {
      const words = await sitter.page.locator('button.main').textContent();
      if (words?.includes('着席')) await scan(city, sitter.page, city.seat('B-03').label);
    }
    const visit = await city.signedIn(browser, 0);
    const page = visit.page;
    await page.goto(city.url);
    await tabTo(page, ({ id }) => id === 'find');
    await page.keyboard.type(typed);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/people\?q=/);
    await tabTo(page, ({ href }) => href.includes(`#seat-${city.seat('B-03').id}`));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/floors\//);
    await page.locator('#live[data-live="on"]').waitFor();
    const seat = await focused(page);
    assert.equal(seat?.id, `seat-${city.seat('B-03').id}`);
    assert.equal(seat?.name, 'B-03 在席 勅使河原 葵');
    assert.ok(seat?.seen, 'the seat has the focus and one sees it');
    visit.assertUntroubled();
    await visit.close();
    await sitter.close();
  });
}

test('arrow keys go from seat to seat, zoom and move the map, and Enter leads to the list', async () => {
  const visit = await city.signedIn(browser, 0);
  const page = visit.page;
  await page.goto(`${city.url}/floors/${city.floors[0]?.id}?seat=${city.seat('A-01').id}`);
  await page.locator('#live[data-live="on"]').waitFor();
  const at = async () => (await focused(page))?.id;
  assert.equal(await at(), `seat-${city.seat('A-01').id}`);
  await page.keyboard.press('ArrowRight');
  assert.equal(await at(), `seat-${city.seat('A-02').id}`);
  await page.keyboard.press('ArrowDown');
  assert.equal(await at(), `seat-${city.seat('A-09').id}`);
  const box = () => page.locator('#plan').getAttribute('viewBox');
  await page.keyboard.press('0');
  const whole = await box();
  await page.keyboard.press('+');
  const zoomed = await box();
  assert.notEqual(zoomed, whole);
  await page.locator('[data-do="right"]').press('Enter');
  assert.notEqual(await box(), zoomed);
  await page.locator('[data-do="all"]').press('Enter');
  assert.equal(await box(), whole);
  await page.locator(`#seat-${city.seat('A-09').id}`).press('Enter');
  assert.match(page.url(), new RegExp(`#row-${city.seat('A-09').id}$`));
  visit.assertUntroubled();
  await visit.close();
});

test('the list is narrowed down by what is typed, and the map with it', async () => {
  const visit = await city.signedIn(browser, 0);
  const page = visit.page;
  await page.goto(`${city.url}/floors/${city.floors[0]?.id}`);
  await page.locator('#narrow').fill('ｂ-1');
  assert.equal(await page.locator('.list tbody tr:visible').count(), 10);
  assert.equal(await page.locator('#narrowed').textContent(), '10件を表示');
  assert.match((await page.locator(`#seat-${city.seat('A-01').id}`).getAttribute('class')) ?? '', /dimmed/);
  await page.locator('#narrow').fill('');
  assert.equal(await page.locator('.list tbody tr:visible').count(), 86);
  await visit.close();
});
