// Sign-in by link: takes the code out of the fragment, and out of the history, into the form.

import { codeOf } from './fragment.js';

const code = codeOf(location.hash);
const field = document.getElementById('code');
const typed = document.getElementById('typed');
const linked = document.getElementById('linked');
if (code && typed && linked && field instanceof HTMLInputElement) {
  field.value = code;
  typed.hidden = true;
  linked.hidden = false;
  history.replaceState(null, '', location.pathname + location.search);
  document.getElementById('go')?.focus();
}
