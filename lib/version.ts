import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../package.json', import.meta.url);

/** Of this program, as its package says. */
export const { version: VERSION, license: LICENSE } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as {
  version: string;
  license: string;
};
