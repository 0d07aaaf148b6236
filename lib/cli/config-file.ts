import { readFileSync } from 'node:fs';
import leven from 'leven';
import { isLosslessNumber, parse } from 'lossless-json';
import { ConfigError, OPTIONS, type OptionName, readOption } from '../config.js';
import { isList } from '../options.js';
import { isSystemError } from './exit.js';

/** How far a name may be from the one that is meant, in letters, and as a part of the longer one: as with flags. */
const DISTANCE_MAX = 3;
const DIFFERENCE_MAX = 0.6;

/** The options' names as a file has them, those of the flags: `sync-interval`. */
const NAMES = new Map(Object.entries(OPTIONS).map(([name, { flag }]) => [flag.slice('--'.length), name as OptionName]));

/**
 * Reads options from a JSON object: `{ "port": 3333, "sync-interval": "5s" }`. Their values are
 * those of the flags; numbers and true or false may be written as such, and what can be repeated as an array.
 *
 * @throws ConfigError at a file that can't be read, a name that is no option, or a value that it can't have.
 */
export function readConfigFile(path: string): ReadonlyMap<OptionName, string> {
  const texts = new Map<OptionName, string>();
  for (const [name, value] of Object.entries(readObject(path))) {
    const option = NAMES.get(name);
    if (option === undefined) throw new ConfigError(`${path}: there is no option ${JSON.stringify(name)}${suggestion(name)}`);
    const text = textOf(value);
    if (text === undefined)
      throw new ConfigError(`${path}: ${name} must be a string, a number, true, false or an array of strings`);
    try {
      readOption(option, text);
    } catch (error) {
      throw error instanceof ConfigError ? new ConfigError(`${path}: ${error.message}`) : error;
    }
    texts.set(option, text);
  }
  return texts;
}

function readObject(path: string): object {
  try {
    const value = parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value)) return value;
  } catch (error) {
    if (isSystemError(error)) throw new ConfigError(`${path} can't be read: ${error.message}`);
    if (error instanceof SyntaxError) throw new ConfigError(`${path} is not JSON: ${error.message}`);
    throw error;
  }
  throw new ConfigError(`${path} is not a JSON object`);
}

function textOf(value: unknown): string | undefined {
  // A number as it was written.
  if (isLosslessNumber(value)) return value.toString();
  if (isList(value)) return value.join(',');
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
}

function suggestion(name: string): string {
  const distances = [...NAMES.keys()].map((known) => ({ known, distance: leven(name, known) }));
  const { known, distance } = distances.reduce((a, b) => (b.distance < a.distance ? b : a));
  const isNear = distance <= DISTANCE_MAX && distance < DIFFERENCE_MAX * Math.max(name.length, known.length);
  return isNear ? ` (Did you mean ${JSON.stringify(known)}?)` : '';
}
