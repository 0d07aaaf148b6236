import { Api, inWords, Refusal } from '/assets/api.js';
import { Backoff } from '/assets/backoff.js';
import { element } from '/assets/element.js';
import { Follower } from '/assets/follower.js';
import { SignIn } from '/assets/sign-in.js';
import { TokenKeeper } from '/assets/token.js';
import { Bench } from './bench.js';
import { Commands } from './commands.js';

const tokens = new TokenKeeper();
const api = new Api(tokens, ask);
const signIn = new SignIn(api, tokens, () => void enter());
const commands = new Commands();
const bench = new Bench();
const backoff = new Backoff();
let retry = setTimeout(() => undefined);
/** Tells the newest attempt to enter from those before it. */
let entry = 0;

const follower = new Follower({
  open: (path, lastEventId, signal) => api.open(path, lastEventId, signal),
  onEvent({ type, data }) {
    if (type === 'state') bench.begin(JSON.parse(data));
    else if (type === 'change') bench.change(JSON.parse(data));
  },
  onChange(error) {
    if (error === undefined) show('good', 'Live', '');
    else if (!(error instanceof Refusal && error.status === 401)) show('bad', 'Interrupted', inWords(error));
  },
});

element('#host').textContent = location.host;
void enter();

/** Begins anew, with the token that there is now. */
async function enter() {
  const attempt = leave();
  commands.show(tokens.token !== undefined);
  try {
    await signIn.whose();
    if (attempt !== entry) return;
    backoff.reset();
    follower.follow('/part1/events');
  } catch (error) {
    if (attempt !== entry || (error instanceof Refusal && error.status === 401)) return;
    show('bad', 'Interrupted', inWords(error));
    retry = setTimeout(() => void enter(), backoff.next());
  }
}

function leave() {
  clearTimeout(retry);
  follower.stop();
  element('#lab').hidden = true;
  return ++entry;
}

/** A request needed a token. */
function ask() {
  leave();
  show('waiting', 'Sign in', 'to see the lab');
  signIn.ask();
}

/**
 * @param {'good' | 'bad' | 'waiting'} tone
 * @param {string} word
 * @param {string} detail
 */
function show(tone, word, detail) {
  element('#state').dataset.state = tone;
  element('#state-word').textContent = word;
  element('#state-detail').textContent = detail;
}
