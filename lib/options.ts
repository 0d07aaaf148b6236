import { ConfigError, OPTIONS, type OptionName, type OptionTexts } from './config.js';

type OptionOf<Name extends OptionName> = (typeof OPTIONS)[Name];

/**
 * What a program may give for an option: the text that the command line takes, or what the text
 * stands for. Times are text only: a bare number would leave open whether it is seconds.
 */
type Given<O extends OptionOf<OptionName>> = O extends { readonly isRepeatable: true }
  ? string | readonly string[]
  : O['placeholder'] extends 'boolean'
    ? boolean | 'true' | 'false'
    : O['placeholder'] extends 'number' | 'size'
      ? number | string
      : ReturnType<O['read']> extends string
        ? ReturnType<O['read']>
        : string;

/** Options as a program gives them, by the names of their flags in camel case: `{ port: 0, syncInterval: '1s' }`. */
export type Options = { readonly [Name in OptionName]?: Given<OptionOf<Name>> | undefined };

/** @throws ConfigError naming the first option that does not exist, or is not of its type. */
export function textsOf(options: Options): OptionTexts {
  return Object.fromEntries(Object.entries(options).map(([name, given]) => [name, textOf(name, given)]));
}

function textOf(name: string, given: unknown): string | undefined {
  if (!isOptionName(name)) throw new ConfigError(`there is no option ${JSON.stringify(name)}`);
  if (given === undefined || typeof given === 'string') return given;
  const option = OPTIONS[name];
  if ('isRepeatable' in option) {
    if (isList(given)) return given.join(',');
    throw new ConfigError(`${name} must be a text, or an array of texts without commas`);
  }
  if (option.placeholder === 'boolean') {
    if (typeof given === 'boolean') return String(given);
    throw new ConfigError(`${name} must be a boolean`);
  }
  if (option.placeholder === 'number' || option.placeholder === 'size') {
    if (typeof given === 'number') return String(given);
    throw new ConfigError(`${name} must be a number, or a text`);
  }
  throw new ConfigError(`${name} must be a text${option.placeholder === 'time' ? ' such as 500ms, 5s, 10m or 24h' : ''}`);
}

function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** Whether a value is a list that joining by commas keeps as it is. */
export function isList(given: unknown): given is readonly string[] {
  return Array.isArray(given) && given.every((text) => typeof text === 'string' && text !== '' && !text.includes(','));
}
