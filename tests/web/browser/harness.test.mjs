// The harness itself: its checks pass on a sound page and notice what they are there to notice.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertAccessible, openBrowser, servePages } from '../harness.mjs';

const SOUND = `<!doctype html><html lang="ja"><head><title>席</title></head>
<body><main><h1>本庁舎 3階</h1><p>空き 42席</p></main></body></html>`;
const WITHOUT_ALT = SOUND.replace('</p>', '</p><img src="/plan.svg">');
const GOING_OUT = SOUND.replace('</p>', '</p><img alt="" src="https://cdn.example/plan.svg">');
const THROWING = SOUND.replace('</p>', '</p><script>throw new Error("map lost")</script>');
const ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>';

/** @type {import('../harness.mjs').TestBrowser} */
let browser;
/** @type {Awaited<ReturnType<typeof servePages>>} */
let pages;

before(async () => {
  const html = (/** @type {string} */ body) => ({ type: 'text/html; charset=utf-8', body });
  pages = await servePages({
    '/': html(SOUND),
    '/without-alt': html(WITHOUT_ALT),
    '/going-out': html(GOING_OUT),
    '/throwing': html(THROWING),
    '/plan.svg': { type: 'image/svg+xml', body: ICON },
    '/favicon.ico': { type: 'image/svg+xml', body: ICON },
  });
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** @param {string} path */
async function open(path) {
  const visit = await browser.visit();
  await visit.page.goto(pages.url + path);
  return visit;
}

test('a sound page passes every check', async () => {
  const visit = await open('/');
  await assertAccessible(visit.page);
  visit.assertUntroubled();
  await visit.close();
});

test('an image without a text is noticed and named', async () => {
  const visit = await open('/without-alt');
  await assert.rejects(assertAccessible(visit.page), /image-alt: .*: img/);
  await visit.close();
});

test('a request that wants to leave this machine is noticed', async () => {
  const visit = await open('/going-out');
  assert.throws(visit.assertUntroubled, /wants to leave this machine: https:\/\/cdn\.example\/plan\.svg/);
  await visit.close();
});

test('a script that throws is noticed', async () => {
  const visit = await open('/throwing');
  assert.throws(visit.assertUntroubled, /script: map lost/);
  await visit.close();
});

test('Japanese letters are drawn with a font that has them', async () => {
  const { page, close } = await open('/');
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'h1' });
  const { fonts } = await session.send('CSS.getPlatformFontsForNode', { nodeId });
  const drawn = fonts.map(({ familyName }) => familyName).join(', ');
  assert.match(drawn, /VL|Noto|IPA|BIZ|Gothic|Mincho|CJK|Hiragino|Yu/, `drawn with: ${drawn}`);
  await close();
});
