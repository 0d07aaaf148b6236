import { readFileSync } from 'node:fs';
import { isLosslessNumber, parse } from 'lossless-json';
import { ConfigError, OPTIONS, type OptionName, readOption } from '../config.js';
import { isList } from '../options.js';
import { isSystemError } from './exit.js';
import { suggestion } from './nearest.js';

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
    if (option === undefined)
      throw new ConfigError(`${path}: there is no option ${JSON.stringify(name)}${suggestion(name, NAMES.keys())}`);
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
