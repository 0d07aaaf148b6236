import type { EventStream } from '../../../dist/http/event-stream.js';

/** An event stream whose client takes what it is sent when the test says so. */
export class SlowStream implements EventStream {
  readonly #bufferedMax: number;
  #waiting = '';
  #isBehind = false;
  #isOver = false;
  #onWritable = () => {};
  #onClose = () => {};
  /** The most that ever waited for the client. */
  mostBuffered = 0;
  writes = 0;
  /** How often it was written to though it was over. */
  lateWrites = 0;

  /** @param bufferedMax a client that has more waiting for it does not keep up. */
  constructor(bufferedMax = 64 * 1024) {
    this.#bufferedMax = bufferedMax;
  }

  write(chunk: string | Uint8Array): boolean {
    if (this.#isOver) {
      this.lateWrites++;
      return false;
    }
    if (this.#isBehind) throw new Error('written to, though the client does not keep up');
    this.writes++;
    this.#waiting += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedBytes);
    this.#isBehind = this.bufferedBytes > this.#bufferedMax;
    return !this.#isBehind;
  }

  get bufferedBytes(): number {
    return this.#waiting.length;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  onWritable(callback: () => void): void {
    this.#onWritable = callback;
  }

  onClose(callback: () => void): void {
    if (this.#isOver) callback();
    else this.#onClose = callback;
  }

  /** The client takes so many characters, or all that there are. */
  take(length = Number.POSITIVE_INFINITY): string {
    const taken = this.#waiting.slice(0, length);
    this.#waiting = this.#waiting.slice(taken.length);
    if (this.#waiting === '' && this.#isBehind) {
      this.#isBehind = false;
      this.#onWritable();
    }
    return taken;
  }

  /** The client goes, or the server ends it. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onClose();
  }
}
