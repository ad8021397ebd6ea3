// The reader as WebAssembly: opens the module, hands it luma planes, gives back what it read.

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {{kind: 'label', label: string, known: boolean} | {kind: 'foreign', text: string} |
 *   {kind: 'unreadable'}} Content
 * @typedef {{content: Content, corners: [Point, Point, Point, Point], how: string}} Reading
 * @typedef {{readings: Reading[], hint: string | null, repeated: boolean}} FrameReadings
 */

/** Why the reader refused: a malformed host, catalogue or frame. */
export class ReaderError extends Error {}

/** One reader, for the frames of one camera. */
export class WasmReader {
  #exports;

  /** @param {WebAssembly.Exports} exports */
  constructor(exports) {
    this.#exports = /** @type {Record<string, any>} */ (exports);
  }

  /**
   * Opens a reader. `labels` are the ids of the catalogue, ten bytes each, one after the other.
   * @param {BufferSource} module the bytes of kokoni_reader_wasm.wasm
   * @param {{host?: string, labels?: Uint8Array, milliseconds?: number}} [options]
   */
  static async open(module, { host = '', labels = new Uint8Array(), milliseconds = 33 } = {}) {
    const { instance } = await WebAssembly.instantiate(module, {});
    const reader = new WasmReader(instance.exports);
    const name = new TextEncoder().encode(host);
    const input = new Uint8Array(name.length + labels.length);
    input.set(name);
    input.set(labels, name.length);
    reader.#write(input);
    reader.#answer(reader.#exports.kokoni_open(name.length, milliseconds));
    return reader;
  }

  /**
   * Reads one luma plane; strides are in bytes.
   * @param {Uint8Array | Uint8ClampedArray} luma
   * @param {number} width
   * @param {number} height
   * @param {number} [rowStride]
   * @param {number} [pixelStride]
   * @returns {FrameReadings}
   */
  read(luma, width, height, rowStride = width, pixelStride = 1) {
    this.#write(luma);
    return this.#answer(this.#exports.kokoni_read(width, height, rowStride, pixelStride));
  }

  /** Forgets earlier frames, as when the camera is opened anew. */
  reset() {
    this.#exports.kokoni_reset();
  }

  /** @param {Uint8Array | Uint8ClampedArray} bytes */
  #write(bytes) {
    const at = this.#exports.kokoni_input(bytes.length);
    if (at === 0 && bytes.length > 0) throw new ReaderError(`${bytes.length} bytes are too many`);
    // The call may have grown the memory: only now is the view the right one.
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
  }

  /** @param {number} length */
  #answer(length) {
    const at = this.#exports.kokoni_answer();
    const bytes = new Uint8Array(this.#exports.memory.buffer, at, length);
    const answer = JSON.parse(new TextDecoder().decode(bytes));
    if (answer.error !== undefined) throw new ReaderError(answer.error);
    return answer;
  }
}
