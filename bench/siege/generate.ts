import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Writes urls.txt: 1000 increments of random keys by random values, as siege reads them. */
const URLS = 1_000;
const KEY_LENGTH = 6;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const VALUE_MAX = 100;

const file = fileURLToPath(new URL('../../../bench/siege/urls.txt', import.meta.url));

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function key(): string {
  return Array.from({ length: KEY_LENGTH }, () => LETTERS[below(LETTERS.length)]).join('');
}

const lines = Array.from(
  { length: URLS },
  () => `http://127.0.0.1:3333/increment POST key=${key()}&value=${below(VALUE_MAX) + 1}\n`,
);
writeFileSync(file, lines.join(''));
