import { CarryOver } from '../services/counters/carry-over.js';

/** The longest record, as the body of POST /increment is bounded. */
export const RECORD_BYTES_MAX = 64 * 1024;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** A record, without the line feed behind it. */
export interface CutRecord {
  /** Of the input, from 1 on: where the record begins. */
  readonly line: number;
  /** Valid until the next record is asked for. */
  readonly bytes: Uint8Array;
}

/** The input is wrong at a line. The message says what is wrong. */
export class InputFault extends Error {
  override readonly name = 'InputFault';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Cuts bytes that come in pieces into records with a line feed behind each; behind the last one it
 * may be missing. Where records have quotes, a line feed between quotes is a part of its record.
 */
export class RecordCutter {
  readonly #hasQuotes: boolean;
  readonly #carry = new CarryOver(RECORD_BYTES_MAX);
  #line = 1;
  /** Line feeds within the record so far. */
  #feeds = 0;
  /** Whether its last quote is still open. */
  #isOpen = false;

  constructor(hasQuotes: boolean) {
    this.#hasQuotes = hasQuotes;
  }

  /** @throws InputFault at a record that is too long. */
  *push(piece: Uint8Array): Generator<CutRecord> {
    for (let at = 0; at < piece.length; ) {
      const feed = piece.indexOf(LINE_FEED, at);
      const end = feed === -1 ? piece.length : feed;
      if (this.#hasQuotes) this.#countQuotes(piece, at, end);
      if (feed === -1) {
        this.#keep(piece, at, end);
      } else if (this.#isOpen) {
        this.#keep(piece, at, end + 1);
        this.#feeds++;
      } else if (this.#carry.isEmpty && end - at <= RECORD_BYTES_MAX) {
        yield { line: this.#line++, bytes: piece.subarray(at, end) };
      } else {
        this.#keep(piece, at, end);
        yield* this.end();
      }
      at = end + 1;
    }
  }

  /** The record that no line feed has ended yet: behind the last piece, it may be an empty one. */
  *end(): Generator<CutRecord> {
    yield { line: this.#line, bytes: this.#carry.bytes };
    this.#carry.clear();
    this.#line += this.#feeds + 1;
    this.#feeds = 0;
  }

  #countQuotes(piece: Uint8Array, from: number, end: number): void {
    for (let at = piece.indexOf(QUOTE, from); at !== -1 && at < end; at = piece.indexOf(QUOTE, at + 1)) {
      this.#isOpen = !this.#isOpen;
    }
  }

  #keep(piece: Uint8Array, from: number, end: number): void {
    if (this.#carry.add(piece, from, end)) return;
    const why = this.#isOpen ? ': a quote may not be closed' : '';
    throw new InputFault(this.#line, `it is longer than ${RECORD_BYTES_MAX} bytes${why}`);
  }
}
