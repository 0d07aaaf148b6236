import { inWords, Refusal } from './api.js';
import { curlLine } from './curl.js';
import { element, say } from './element.js';
import { whole } from './format.js';

/**
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./sign-in.js').Account} Account
 */

const COPIED_MS = 2_000;

/** The form that increments, with the reply to it and the command that does the same. */
export class IncrementForm {
  #api;
  #account = /** @type {Account | undefined} */ (undefined);
  #fields = element('#increment fieldset', HTMLFieldSetElement);
  #key = element('#key', HTMLInputElement);
  #value = element('#value', HTMLInputElement);
  #onDisk = element('#on-disk', HTMLInputElement);
  #reply = element('#increment-reply');
  #line = element('#curl code');
  #isAsking = false;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
    const form = element('#increment form', HTMLFormElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.#isAsking) void this.#increment();
    });
    form.addEventListener('input', () => this.#showLine());
    this.#offerCopy();
    this.#showLine();
  }

  /**
   * Fits the form to what the account may do.
   *
   * @param {Account | undefined} account
   */
  serve(account) {
    this.#account = account;
    const mayWrite = account?.scope !== 'read';
    this.#fields.disabled = !mayWrite;
    say(this.#reply, mayWrite ? '' : 'This token has the scope read: it can see counters, and not increment them.');
    if (account !== undefined && this.#key.value === '') this.#key.value = account.prefix;
    this.#showLine();
  }

  /**
   * Puts a key into the form.
   *
   * @param {string} key
   */
  choose(key) {
    this.#key.value = key;
    this.#showLine();
    this.#key.focus();
  }

  async #increment() {
    const form = { key: this.#key.value, value: this.#value.value.replace('+', '') };
    this.#isAsking = true;
    for (const input of [this.#key, this.#value]) input.removeAttribute('aria-invalid');
    try {
      const asked = this.#onDisk.checked ? { ...form, durability: 'disk' } : form;
      const { key, value, seq, durable } = await this.#api.post('/increment', asked);
      say(this.#reply, `${key} is ${whole(value)}, by write ${whole(seq)}${durable === true ? ', on disk' : ''}.`, 'good');
    } catch (error) {
      say(this.#reply, inWords(error), 'bad');
      const field = error instanceof Refusal ? error.field : undefined;
      if (field === 'key' || field === 'value') (field === 'key' ? this.#key : this.#value).setAttribute('aria-invalid', 'true');
    } finally {
      this.#isAsking = false;
    }
  }

  #showLine() {
    this.#line.textContent = curlLine({
      origin: location.origin,
      key: this.#key.value === '' ? this.#key.placeholder : this.#key.value,
      value: this.#value.value === '' ? '1' : this.#value.value.replace('+', ''),
      onDisk: this.#onDisk.checked,
      hasToken: this.#account !== undefined,
    });
  }

  /** Browsers have a clipboard for pages from this machine or over TLS only. */
  #offerCopy() {
    if (navigator.clipboard === undefined) return;
    const button = element('#copy', HTMLButtonElement);
    button.hidden = false;
    button.addEventListener('click', async () => {
      const isCopied = await navigator.clipboard.writeText(this.#line.textContent ?? '').then(
        () => true,
        () => false,
      );
      button.textContent = isCopied ? 'Copied' : 'Not allowed';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, COPIED_MS);
    });
  }
}
