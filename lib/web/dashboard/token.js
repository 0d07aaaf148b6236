const NAME = 'incrementer-token';

/** Visible ASCII: what a header can carry, and all that a token can be. */
const TOKEN = /^[!-~]{1,256}$/;

/** Keeps the token for as long as the tab is open, and for no other page. */
export class TokenKeeper {
  #token = sessionStorage.getItem(NAME) ?? undefined;

  /** `undefined` for whoever has not signed in. */
  get token() {
    return this.#token;
  }

  /**
   * Takes a token, if it can be one.
   *
   * @param {string} text
   * @returns {boolean} whether it can
   */
  take(text) {
    const token = text.trim();
    if (!TOKEN.test(token)) return false;
    this.#token = token;
    sessionStorage.setItem(NAME, token);
    return true;
  }

  forget() {
    this.#token = undefined;
    sessionStorage.removeItem(NAME);
  }
}
