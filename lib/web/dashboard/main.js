import { Api } from './api.js';
import { Backoff } from './backoff.js';
import { Board } from './board.js';
import { element } from './element.js';
import { IncrementForm } from './increment-form.js';
import { SignIn } from './sign-in.js';
import { State } from './state.js';
import { TokenKeeper } from './token.js';

/** A page that nobody looks at asks nothing of the server, but for a glance at another tab. */
const HIDDEN_MS = 60_000;

const tokens = new TokenKeeper();
const state = new State();
const api = new Api(tokens, ask);
const signIn = new SignIn(api, tokens, () => void enter());
const form = new IncrementForm(api);
const board = new Board(api, state, (key) => form.choose(key));
const backoff = new Backoff();
const sleep = { isOn: false, timer: setTimeout(() => undefined) };
/** Tells the newest attempt to enter from those before it. */
let entry = 0;
let retry = setTimeout(() => undefined);
let hasEntered = false;

element('#host').textContent = location.host;
document.addEventListener('visibilitychange', watch);
void enter();

/** Begins anew, with the token that there is now. */
async function enter() {
  const attempt = leave();
  try {
    const account = await signIn.whose();
    if (attempt !== entry) return;
    backoff.reset();
    form.serve(account);
    hasEntered = true;
    if (!sleep.isOn) board.start();
  } catch (error) {
    if (attempt !== entry) return;
    state.failing(error);
    retry = setTimeout(() => void enter(), backoff.next());
  }
}

function leave() {
  clearTimeout(retry);
  hasEntered = false;
  board.clear();
  return ++entry;
}

/** A request needed a token. */
function ask() {
  leave();
  state.asking();
  signIn.ask();
}

function watch() {
  clearTimeout(sleep.timer);
  if (document.hidden) {
    sleep.timer = setTimeout(() => {
      sleep.isOn = true;
      board.stop();
    }, HIDDEN_MS);
  } else if (sleep.isOn) {
    sleep.isOn = false;
    if (hasEntered) board.start();
  }
}
