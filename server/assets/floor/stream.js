// The floor's stream of changes: connects, goes on from the last message after a break, rests while
// nobody looks at the page, and says how it is.

/** @import { TakenPlace } from './floor.d.ts' */

/** @typedef {'waiting' | 'on' | 'off' | 'ended'} StreamState */

const REST_AFTER_MS = 10_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * How long to wait before the next attempt: twice as long each time, with full jitter.
 *
 * @param {number} failures attempts that failed one after another, at least 1
 * @param {number} random from 0 to 1
 */
export function pauseMs(failures, random) {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (0.5 + random / 2);
}

/**
 * Whether the server asks for a sign-in; `false` when it cannot be reached.
 *
 * @param {URL} address
 */
async function isSignedOut(address) {
  const enough = new AbortController();
  try {
    const { status } = await fetch(address, { signal: enough.signal });
    return status === 401;
  } catch {
    return false;
  } finally {
    enough.abort();
  }
}

/**
 * Follows the stream of a floor.
 *
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.since id of the last message that the page already shows
 * @param {(taken: TakenPlace[]) => void} options.onSnapshot
 * @param {(changed: TakenPlace[]) => void} options.onChange
 * @param {(state: StreamState) => void} options.onState
 */
export function follow({ url, since, onSnapshot, onChange, onState }) {
  let last = since;
  let failures = 0;
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };

  const connect = () => {
    close();
    const address = new URL(url, location.href);
    if (last) address.searchParams.set('since', last);
    source = new EventSource(address);
    source.onopen = () => {
      failures = 0;
      onState('on');
    };
    source.onerror = () => {
      failures += 1;
      onState('off');
      // The browser tries again by itself unless the answer was no stream at all.
      if (source?.readyState === EventSource.CLOSED) void refused(address);
    };
    source.addEventListener('snapshot', ({ data, lastEventId }) => {
      last = lastEventId;
      onSnapshot(JSON.parse(data).taken);
    });
    source.addEventListener('change', ({ data, lastEventId }) => {
      last = lastEventId;
      onChange(JSON.parse(data).changed);
    });
    source.addEventListener('end', end);
  };

  const end = () => {
    close();
    document.removeEventListener('visibilitychange', rest);
    onState('ended');
  };

  // What an answer was that is no stream, the browser does not say: the session may be over.
  const refused = async (/** @type {URL} */ address) => {
    close();
    if (await isSignedOut(address)) return end();
    timer = setTimeout(connect, pauseMs(failures, Math.random()));
  };

  // A browser has few connections to one server; pages behind others give theirs back.
  const rest = () => {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') timer = setTimeout(close, REST_AFTER_MS);
    else if (!source) connect();
  };

  document.addEventListener('visibilitychange', rest);
  onState('waiting');
  connect();
}
