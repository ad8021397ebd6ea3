// The reader as WebAssembly reads a frame under Node: the module that browsers load, unchanged.
// The frame is one that the synthetic camera drew (tests/camera/tests/camera.rs checks it).

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ReaderError, WasmReader } from '../../../core/reader/wasm/reader.mjs';

const MODULE = 'wasm32-unknown-unknown/release/kokoni_reader_wasm.wasm';
const target = process.env.CARGO_TARGET_DIR ?? new URL('../../../target', import.meta.url).pathname;
const module = await readFile(process.env.KOKONI_READER_WASM ?? `${target}/${MODULE}`);

const HOST = 'k.example.jp';
// LabelId::from_bytes([7; 10]), in bytes and as it is written.
const LABEL = new Uint8Array(10).fill(7);
const WRITTEN = '0W3GE1R70W3GE1R7';

/** A binary PGM file as luma. */
const pgm = await readFile(new URL('../../fixtures/frames/label.pgm', import.meta.url));
const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(pgm.toString('latin1', 0, 40));
assert.ok(head);
const [width, height] = [Number(head[1]), Number(head[2])];
const luma = new Uint8Array(pgm.subarray(head[0].length));

test('a label of the catalogue is read from a frame, with its corners', async () => {
  const reader = await WasmReader.open(module, { host: HOST, labels: LABEL });
  const { readings, hint, repeated } = reader.read(luma, width, height);
  assert.deepEqual(readings[0]?.content, { kind: 'label', label: WRITTEN, known: true });
  assert.equal(hint, null);
  assert.equal(repeated, false);
  for (const { x, y } of readings[0]?.corners ?? []) {
    assert.ok(x > 0 && x < width && y > 0 && y < height);
  }
});

test('a label outside the catalogue is a label that is not known', async () => {
  const reader = await WasmReader.open(module, { host: HOST });
  const { readings } = reader.read(luma, width, height);
  assert.deepEqual(readings[0]?.content, { kind: 'label', label: WRITTEN, known: false });
});

test('without a host a label is a foreign code', async () => {
  const reader = await WasmReader.open(module);
  const { readings } = reader.read(luma, width, height);
  assert.deepEqual(readings[0]?.content, {
    kind: 'foreign',
    text: `https://${HOST}/q/${WRITTEN}`,
  });
});

test('a label in the hand is repeated until the reader is reset', async () => {
  const reader = await WasmReader.open(module, { host: HOST, labels: LABEL });
  const repeated = [1, 2, 3].map(() => reader.read(luma, width, height).repeated);
  assert.deepEqual(repeated, [false, true, true]);
  reader.reset();
  assert.equal(reader.read(luma, width, height).repeated, false);
});

test('interleaved pixels and padded rows are read by their strides', async () => {
  const rowStride = 2 * width + 6;
  const bytes = new Uint8Array(rowStride * height);
  luma.forEach((pixel, i) => {
    bytes[Math.floor(i / width) * rowStride + 2 * (i % width)] = pixel;
  });
  const reader = await WasmReader.open(module, { host: HOST, labels: LABEL });
  const { readings } = reader.read(bytes, width, height, rowStride, 2);
  assert.equal(readings[0]?.content.kind, 'label');
});

test('what is malformed is refused with a reason', async () => {
  const named = (/** @type {RegExp} */ message) => (/** @type {unknown} */ error) =>
    error instanceof ReaderError && message.test(error.message);
  await assert.rejects(WasmReader.open(module, { host: 'K.example.jp' }), named(/cannot stand/));
  const labels = new Uint8Array(9);
  await assert.rejects(WasmReader.open(module, { host: HOST, labels }), named(/10 bytes each/));
  const reader = await WasmReader.open(module);
  assert.throws(() => reader.read(luma, width, height + 1), named(/bytes/));
  assert.throws(() => reader.read(luma, 0, height), named(/wide/));
});

test('the module asks nothing of its host', () => {
  const compiled = new WebAssembly.Module(module);
  assert.deepEqual(WebAssembly.Module.imports(compiled), []);
});
