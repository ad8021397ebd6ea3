// Starting a program for a test: its address is found, its end is noticed, and it is stopped.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startProgram } from '../harness.mjs';

/** @param {string} script */
const start = (script, deadlineMs = 10_000) =>
  startProgram(process.execPath, ['-e', script], deadlineMs);

test('the first loopback address it prints is where it listens', async () => {
  const program = await start(`
    console.log('Kokoni 0.1.0');
    console.log('map: http://127.0.0.1:4711/floors/3?lang=en (Ctrl-C ends)');
    setInterval(() => {}, 1000);`);
  assert.equal(program.url, 'http://127.0.0.1:4711/floors/3?lang=en');
  await program.stop();
});

test('what it prints later can be waited for', async () => {
  const program = await start(`
    console.log('http://127.0.0.1:1/');
    setTimeout(() => console.error('sign in: http://127.0.0.1:1/sign-in#abc'), 50);
    setInterval(() => {}, 1000);`);
  const [, link] = await program.says(/sign in: (\S+)/);
  assert.equal(link, 'http://127.0.0.1:1/sign-in#abc');
  await program.stop();
});

test('a program that ends before it listens is an error with its output', async () => {
  const started = start(`console.error('the data folder is locked'); process.exitCode = 3;`);
  await assert.rejects(started, /ended with status 3.*the data folder is locked/s);
});

test('a program that never listens is an error after the deadline', async () => {
  await assert.rejects(start('setInterval(() => {}, 1000);', 300), /ran for 300 ms/);
});

test('a program that is not there is an error', async () => {
  await assert.rejects(startProgram('./no-such-program', []), /could not start/);
});

test('a stopped program has ended', async () => {
  const program = await start(`
    process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
    console.log('http://127.0.0.1:1/');
    setInterval(() => {}, 1000);`);
  await program.stop();
  assert.match(program.output(), /drained/);
});
