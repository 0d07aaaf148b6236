import { test } from 'tap';
import { ConfigError, OPTIONS, type OptionName, readConfig } from '../dist/config.js';
import { type Options, textsOf } from '../dist/options.js';

test('a program gives numbers, booleans and lists, or the texts that the command line takes', async (t) => {
  const natural: Options = {
    port: 0,
    insecure: true,
    trustProxy: ['127.0.0.1', '10.0.0.0/8'],
    corsOrigin: ['https://a.example'],
    maxBatchBytes: 65_536,
    services: ['counters', 'points'],
    transport: 'node',
    db: undefined,
  };
  const texts: Options = {
    port: '0',
    insecure: 'true',
    trustProxy: '127.0.0.1,10.0.0.0/8',
    corsOrigin: 'https://a.example',
    maxBatchBytes: '64KiB',
    services: 'counters,points',
    transport: 'node',
  };
  t.same(readConfig(textsOf(natural)), readConfig(textsOf(texts)));
  t.same(readConfig(textsOf({ trustProxy: [] })).trustProxy, []);
  t.same(readConfig(textsOf({})), readConfig({}));
});

test('every option can be given as the text of its default', async (t) => {
  for (const [name, { default: text }] of Object.entries(OPTIONS)) t.same(textsOf({ [name]: text }), { [name]: text });
});

test('an option that does not exist is refused', async (t) => {
  for (const name of ['prot', 'PORT', 'sync-interval', 'constructor', '__proto__ ', '']) {
    t.throws(() => textsOf({ [name]: '1' }), { name: 'ConfigError', message: /^there is no option "/ }, name);
  }
});

test('a value of another type is refused, and the message names the option', async (t) => {
  const faults: [name: OptionName, values: unknown[]][] = [
    ['port', [true, null, {}, [], [80], 80n, () => 80]],
    ['port', [Number.NaN, Number.POSITIVE_INFINITY, -1, 80.5, 65_536, 1e21]],
    ['maxBatchBytes', [0, -1, 1.5, true]],
    ['insecure', [1, 0, null, []]],
    ['trustProxy', [7, true, {}, [7], [''], ['127.0.0.1,10.0.0.0/8'], [['127.0.0.1']]]],
    ['db', [5, true, null, ['a.db'], new URL('file:///a.db')]],
    ['transport', [true, ['node']]],
    // Seconds, or milliseconds?
    ['syncInterval', [5, 5_000, true]],
  ];
  for (const [name, values] of faults) {
    const { flag } = OPTIONS[name];
    for (const value of values) {
      const named = `${name} ${String(value)}`;
      try {
        readConfig(textsOf({ [name]: value }));
        t.fail(`${named} is taken`);
      } catch (error) {
        t.ok(error instanceof ConfigError, `${named} is refused`);
        const { message } = error as Error;
        t.ok(message.startsWith(`${name} must be `) || message.startsWith(`${flag} must be `), message);
      }
    }
  }
});
