import { inWords, Refusal } from './api.js';
import { element, say } from './element.js';

/**
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./token.js').TokenKeeper} TokenKeeper
 *
 * @typedef {object} Account whose token the page has
 * @property {string} username
 * @property {'read' | 'write' | 'admin'} scope
 * @property {string} prefix with what a key has to begin; '' for every key
 */

/** The form that asks for a token, and the button that forgets it. */
export class SignIn {
  #api;
  #tokens;
  #onChange;
  #section = element('#sign-in');
  #input = element('#token', HTMLInputElement);
  #reply = element('#sign-in-reply');
  #account = element('#account');

  /**
   * @param {Api} api
   * @param {TokenKeeper} tokens
   * @param {() => void} onChange called when somebody has signed in or out
   */
  constructor(api, tokens, onChange) {
    this.#api = api;
    this.#tokens = tokens;
    this.#onChange = onChange;
    element('#sign-in form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#take();
    });
    element('#sign-out').addEventListener('click', () => {
      this.#tokens.forget();
      this.#onChange();
    });
  }

  /** Asks for a token. */
  ask() {
    const wasThere = this.#tokens.token !== undefined;
    this.#tokens.forget();
    this.#account.hidden = true;
    if (!this.#section.hidden) return;
    this.#section.hidden = false;
    say(this.#reply, wasThere ? 'The token that this tab had is not valid any more.' : '');
    this.#input.focus();
  }

  /**
   * Shows whose token it is.
   *
   * @returns {Promise<Account | undefined>} `undefined` where no token is needed
   * @throws {Refusal | TypeError} when the server does not say
   */
  async whose() {
    if (this.#tokens.token === undefined) {
      this.#section.hidden = true;
      this.#account.hidden = true;
      return undefined;
    }
    /** @type {Account} */
    const account = await this.#api.get('/user');
    const { username, scope, prefix } = account;
    const within = prefix === '' ? '' : `, keys within ${prefix}`;
    element('#account-name').textContent = `${username} (${scope}${within})`;
    this.#account.hidden = false;
    this.#section.hidden = true;
    return account;
  }

  async #take() {
    const text = this.#input.value;
    this.#input.value = '';
    if (!this.#tokens.take(text)) return say(this.#reply, 'No token has such characters in it.', 'bad');
    say(this.#reply, 'Asking the server …');
    try {
      await this.#api.get('/user');
      say(this.#reply, '');
      this.#onChange();
    } catch (error) {
      this.#tokens.forget();
      const isUnknown = error instanceof Refusal && error.status === 401;
      say(this.#reply, isUnknown ? 'No account has this token.' : inWords(error), 'bad');
      this.#input.focus();
    }
  }
}
