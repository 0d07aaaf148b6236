import { test } from 'tap';
import { ConfigError, OPTIONS, type OptionName, readConfig } from '../dist/config.js';

test('without any option every default can be read', async (t) => {
  const config = readConfig({});
  t.equal(config.port, 3333);
  t.equal(config.host, '127.0.0.1');
  t.equal(config.db, 'numbers.db');
  t.equal(config.transport, 'auto');
  t.equal(config.syncInterval, 5_000);
  t.equal(config.diskTimeout, 5_000);
  t.equal(config.stopTimeout, 10_000);
  t.equal(config.logLevel, 'info');
  t.equal(config.durability, 'memory');
  t.equal(config.idempotencyTtl, 86_400_000);
  t.equal(config.idempotencyMax, 1_000_000);
  t.ok(config.queueSize > 0);
  t.ok(config.maxCounters > 0);
});

test('every option is read', async (t) => {
  const config = readConfig({
    port: '0',
    host: '::1',
    db: '/var/lib/a.db',
    transport: 'node',
    syncInterval: '250ms',
    diskTimeout: '2s',
    stopTimeout: '1m',
    queueSize: '2',
    maxCounters: '1',
    logLevel: 'silent',
    durability: 'disk',
    idempotencyTtl: '1h',
    idempotencyMax: '5',
    maxSources: '7',
    maxReaders: '8',
    maxBatchBytes: '2MiB',
  });
  t.same(config, {
    port: 0,
    host: '::1',
    db: '/var/lib/a.db',
    transport: 'node',
    syncInterval: 250,
    diskTimeout: 2_000,
    stopTimeout: 60_000,
    queueSize: 2,
    maxCounters: 1,
    logLevel: 'silent',
    durability: 'disk',
    idempotencyTtl: 3_600_000,
    idempotencyMax: 5,
    maxSources: 7,
    maxReaders: 8,
    maxBatchBytes: 2_097_152,
  });
});

test('every option has a flag, a variable and a meaning of its own', async (t) => {
  const options = Object.values(OPTIONS);
  for (const { flag, variable, meaning } of options) {
    t.match(flag, /^--[a-z]+(-[a-z]+)*$/);
    t.equal(variable, `INCREMENTER_${flag.slice(2).toUpperCase().replaceAll('-', '_')}`);
    t.ok(meaning.length > 0);
  }
  t.equal(new Set(options.map(({ flag }) => flag)).size, options.length);
  // The command line finds an option under the name that its flag has in camel case.
  for (const [name, { flag }] of Object.entries(OPTIONS)) {
    t.equal(
      flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      name,
    );
  }
});

test('a duration is given in milliseconds, seconds, minutes, hours, or in bare seconds', async (t) => {
  const durations: [text: string, ms: number][] = [
    ['1ms', 1],
    ['500ms', 500],
    ['5s', 5_000],
    ['5', 5_000],
    ['1.5s', 1_500],
    ['0.25', 250],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['2147483s', 2_147_483_000],
  ];
  for (const [text, ms] of durations) t.equal(readConfig({ syncInterval: text }).syncInterval, ms, text);
});

test('a value that an option can not have is refused, and the message names flag and value', async (t) => {
  const faults: [name: OptionName, texts: string[]][] = [
    ['port', ['', '-1', '65536', '80.5', '0x50', '1e3', ' 80', 'http']],
    ['host', ['']],
    ['db', ['']],
    ['transport', ['', 'UWS', 'http', 'constructor']],
    [
      'syncInterval',
      ['', '0', '0s', '-1s', '5 s', 's', '5sec', '5d', '1e3', '.5s', '0.4ms', '2147484s', '25d', '600h', 'Infinity'],
    ],
    ['diskTimeout', ['soon']],
    ['stopTimeout', ['soon']],
    ['queueSize', ['', '0', '1', '16777217', '-5', '1.5']],
    ['maxCounters', ['', '0', '-1', '2147483649', '99999999999999999999']],
    ['logLevel', ['', 'INFO', 'verbose']],
    ['durability', ['', 'Disk', 'none']],
    ['idempotencyTtl', ['forever', '0']],
    ['idempotencyMax', ['', '-1', '1.5']],
  ];
  for (const [name, texts] of faults) {
    for (const text of texts) {
      try {
        readConfig({ [name]: text });
        t.fail(`${name} ${JSON.stringify(text)} is taken`);
      } catch (error) {
        t.ok(error instanceof ConfigError, `${name} ${JSON.stringify(text)} is refused`);
        const { message } = error as Error;
        t.ok(message.includes(OPTIONS[name].flag) && message.includes(JSON.stringify(text)) && !message.includes('\n'), message);
      }
    }
  }
});

test('a size is read in bytes, KiB or MiB, and nothing else is a size', async (t) => {
  for (const [text, bytes] of [
    ['1', 1],
    ['64KiB', 65_536],
    ['256MiB', 268_435_456],
  ] as const) {
    t.equal(readConfig({ maxBatchBytes: text }).maxBatchBytes, bytes);
  }
  for (const text of ['', '0', '-1', '1.5MiB', '1kb', '1MB', '1 MiB', '257MiB', 'MiB']) {
    t.throws(() => readConfig({ maxBatchBytes: text }), { message: /^--max-batch-bytes must be a size such as/ }, text);
  }
});
