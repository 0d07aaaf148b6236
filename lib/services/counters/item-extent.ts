const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Finds where an element of a JSON array ends: at the first comma or closing bracket that is in no
 * string and in no brackets of the element's own. That is exact for valid JSON. Of invalid JSON it
 * finds some end, and what lies before it is not valid, or what follows is not.
 */
export class ItemExtent {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /**
   * Where the element ends whose bytes begin at `at`. Returns the length of `bytes` when it goes on
   * behind them; the next call then goes on with the search.
   */
  end(bytes: Uint8Array, at: number): number {
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (this.#isInString) this.#inString(byte);
      else if (this.#depth === 0 && (byte === COMMA || byte === CLOSING_BRACKET)) return i;
      else if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) this.#depth++;
      else if ((byte === CLOSING_BRACE || byte === CLOSING_BRACKET) && this.#depth > 0) this.#depth--;
    }
    return bytes.length;
  }

  #inString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
  }
}
