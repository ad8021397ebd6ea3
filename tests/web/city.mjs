// A real server with a small city hall in it, and what people do there with a browser.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startProgram } from './harness.mjs';

/** @import { Page } from 'playwright-core' */
/** @import { TestBrowser, Visit } from './harness.mjs' */

/** @typedef {{ id: string, label: string, name: string }} Place */
/** @typedef {{ id: string, name: string, kana: string, home: string, links: string[], typed: string }} Person */

/**
 * What the server made; see `server/examples/serve_test_city.rs`.
 *
 * @typedef {object} Made
 * @property {Person[]} people
 * @property {{ id: string, places: Place[] }[]} floors
 * @property {string} exit
 * @property {string} blank
 * @property {string} foreign a label of another organisation
 * @property {string} locker
 * @property {string} item
 */

/**
 * A running city hall.
 *
 * @typedef {Made & {
 *   url: string,
 *   code: (person: number) => string,
 *   seat: (name: string) => Place,
 *   signedIn: (browser: TestBrowser, person: number, options?: object) => Promise<Visit>,
 *   stop: () => Promise<void>,
 * }} City
 */

/**
 * Starts the server on a free port with an empty data folder.
 *
 * @returns {Promise<City>}
 */
export async function startCity() {
  const folder = mkdtempSync(join(tmpdir(), 'kokoni-city-'));
  const server = await startProgram(program(), [folder]);
  const [, json] = await server.says(/^city (.*)$/m);
  assert.ok(json);
  /** @type {Made} */
  const made = JSON.parse(json);
  const url = new URL(server.url).origin;
  const code = (/** @type {number} */ person) => {
    const link = made.people[person]?.links.pop();
    assert.ok(link, `no code is left for person ${person}: raise CODES in serve_test_city.rs`);
    return link;
  };
  const seat = (/** @type {string} */ name) => {
    const found = made.floors[0]?.places.find((place) => place.name === name);
    assert.ok(found, name);
    return found;
  };
  return {
    ...made,
    url,
    code,
    seat,
    async signedIn(browser, person, options) {
      const visit = await browser.visit(options);
      await visit.page.goto(`${url}/sign-in#${code(person)}`);
      await visit.page.locator('#go').click();
      await visit.page.waitForURL(`${url}/`);
      return visit;
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The program in `KOKONI_TEST_CITY`, else the newest that cargo has built. */
function program() {
  if (process.env['KOKONI_TEST_CITY']) return process.env['KOKONI_TEST_CITY'];
  const built = ['release', 'debug']
    .map((profile) => `../../target/${profile}/examples/serve_test_city`)
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  assert.ok(built[0], 'build it first: cargo build -p kokoni-server --example serve_test_city');
  return built[0];
}

/**
 * Does in a browser what the button of a label's page says.
 *
 * @param {City} city
 * @param {Page} page of somebody who is signed in
 * @param {string} label
 */
export async function scan(city, page, label) {
  await page.goto(`${city.url}/q/${label}`);
  await page.locator('main form button').click();
  await page.waitForURL(/[?&]done=/);
}
