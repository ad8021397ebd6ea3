// What the browser tests stand on: a real Kokoni process on a free port, a real Chromium that may
// talk to this machine only, and checks that every page owes.
//
//   const kokoni = await startKokoni(['serve', '--listen', '127.0.0.1:0', '--data', folder]);
//   const visit = await browser.visit({ locale: 'ja-JP' });
//   await visit.page.goto(kokoni.url);
//   await assertAccessible(visit.page);
//   visit.assertUntroubled();

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

/** @import { Browser, Page } from 'playwright-core' */

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];
const LOOPBACK_URL = /https?:\/\/(?:127\.0\.0\.1|\[::1\]|localhost):\d+[^\s"'<>]*/;

/**
 * A program that was started for a test and says on its output where it listens.
 *
 * @typedef {object} Running
 * @property {string} url the first loopback address it printed
 * @property {() => string} output everything it printed up to now
 * @property {(pattern: RegExp, deadlineMs?: number) => Promise<RegExpExecArray>} says
 *   waits until the output matches, or already did
 * @property {(signal?: NodeJS.Signals) => Promise<void>} stop ends it and waits for its end
 */

/**
 * Starts `kokoni` with these arguments and waits until it says where it listens. The program is
 * the one in `KOKONI_BIN`, else the newest that cargo has built.
 *
 * @param {string[]} args
 * @returns {Promise<Running>}
 */
export function startKokoni(args) {
  return startProgram(kokoniProgram(), args);
}

/**
 * Starts a program and waits until it prints a loopback address.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {number} [deadlineMs]
 * @returns {Promise<Running>}
 */
export async function startProgram(program, args, deadlineMs = 30_000) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  /** @type {Set<() => void>} */
  const listeners = new Set();
  const heard = () => listeners.forEach((listener) => listener());
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output += `${line}\n`;
      heard();
    });
  }
  let ended = '';
  const end = new Promise((resolve) => {
    child.on('error', (error) => {
      ended = `could not start: ${error.message}`;
      resolve(undefined);
    });
    child.on('close', (code, signal) => {
      ended ||= `ended with ${signal ?? `status ${code}`}`;
      resolve(undefined);
    });
  });
  end.then(heard);

  /** @type {Running['says']} */
  const says = (pattern, within = deadlineMs) =>
    new Promise((resolve, reject) => {
      const settle = (/** @type {() => void} */ how) => {
        clearTimeout(timer);
        listeners.delete(look);
        how();
      };
      const look = () => {
        const match = new RegExp(pattern).exec(output);
        const fail = (/** @type {string} */ why) =>
          settle(() => reject(new Error(`${program} ${why}, and never said ${pattern}:\n${output}`)));
        if (match) settle(() => resolve(match));
        else if (ended) fail(ended);
        else if (late) fail(`ran for ${within} ms`);
      };
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        look();
      }, within);
      listeners.add(look);
      look();
    });

  /** @type {Running['stop']} */
  const stop = async (signal = 'SIGTERM') => {
    if (!ended) child.kill(signal);
    const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await end;
    clearTimeout(impatient);
  };

  try {
    const [url] = await says(LOOPBACK_URL);
    return { url, output: () => output, says, stop };
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
}

function kokoniProgram() {
  if (process.env.KOKONI_BIN) return process.env.KOKONI_BIN;
  const built = ['release', 'debug']
    .map((profile) => fileURLToPath(new URL(`../../target/${profile}/kokoni`, import.meta.url)))
    .filter((program) => existsSync(program))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  assert.ok(built[0], 'build the program first (cargo build -p kokoni), or name it in KOKONI_BIN');
  return built[0];
}

/**
 * One visit to the pages: a fresh browser profile with one page, and what went wrong in it.
 *
 * @typedef {object} Visit
 * @property {Page} page
 * @property {() => void} assertUntroubled fails if a script threw, the console had an error (a
 *   breach of the content security policy is one), or a request wanted to leave this machine
 * @property {() => Promise<void>} close
 */

/**
 * A Chromium for tests.
 *
 * @typedef {object} TestBrowser
 * @property {(options?: import('playwright-core').BrowserContextOptions) => Promise<Visit>} visit
 * @property {() => Promise<void>} close
 */

/**
 * Opens Chromium: `KOKONI_CHROMIUM`, else Debian's. Its own background traffic is switched off.
 *
 * @param {string[]} [flags] more flags, for instance a fake camera
 * @returns {Promise<TestBrowser>}
 */
export async function openBrowser(flags = []) {
  const browser = await chromium.launch({
    executablePath: process.env.KOKONI_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
      // No name but these can be looked up, so nothing that a page asks for leaves this machine.
      `--host-resolver-rules=MAP * ~NOTFOUND, ${LOOPBACK_HOSTS.map((h) => `EXCLUDE ${h}`).join(', ')}`,
      ...flags,
    ],
  });
  return { visit: (options) => visit(browser, options), close: () => browser.close() };
}

/**
 * @param {Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 * @returns {Promise<Visit>}
 */
async function visit(browser, options) {
  const context = await browser.newContext({ locale: 'ja-JP', ...options });
  /** @type {string[]} */
  const troubles = [];
  context.on('request', (request) => {
    const { protocol, hostname, href } = new URL(request.url());
    const leaves = protocol.startsWith('http') && !LOOPBACK_HOSTS.includes(hostname);
    if (leaves) troubles.push(`wants to leave this machine: ${href}`);
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
  page.on('console', (said) => {
    if (said.type() === 'error') troubles.push(`console: ${said.text()}`);
  });
  return {
    page,
    assertUntroubled: () => assert.deepEqual(troubles, []),
    close: () => context.close(),
  };
}

/**
 * Fails with a line a violation if axe-core finds any on the page as it is now: WCAG 2.2 to
 * level AA, and what axe calls best practice.
 *
 * @param {Page} page
 */
export async function assertAccessible(page) {
  const { violations, passes } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const lines = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`),
  );
  assert.equal(lines.length, 0, `${page.url()} is not accessible:\n${lines.join('\n')}`);
  assert.notEqual(passes.length, 0, 'axe-core found nothing to check');
}

/**
 * Serves pages by path on a free loopback port, for tests of the harness and of single modules.
 *
 * @param {Record<string, { type: string, body: string | Buffer }>} pages
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function servePages(pages) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const page = pages[pathname];
    if (!page) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': page.type }).end(page.body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve(undefined))).then(() => {});
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}
