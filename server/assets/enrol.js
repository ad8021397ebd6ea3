// Enrolment by link on a phone without the app: shows the code, and carries it on to the sign-in.

import { codeOf, inGroups } from './fragment.js';

const code = codeOf(location.hash);
const shown = document.getElementById('code');
const byHand = document.getElementById('by-hand');
const noCode = document.getElementById('no-code');
const browser = document.getElementById('browser');
if (code && shown && byHand && browser instanceof HTMLAnchorElement) {
  shown.textContent = inGroups(code);
  byHand.hidden = false;
  browser.hash = code;
} else if (noCode) {
  noCode.hidden = false;
}
