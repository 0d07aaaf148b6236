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
    tlsCert: 'cert.pem',
    tlsKey: 'key.pem',
    auth: 'required',
    insecure: 'true',
    trustProxy: '127.0.0.1,10.0.0.0/8',
    maxUsers: '9',
    corsOrigin: 'https://app.example,http://localhost:8080',
    logFormat: 'pretty',
    accessLog: 'true',
    services: 'points,accounts',
    pointsUsers: '10',
    pointsTick: '1m',
    labDelay: '50ms',
    labLimit: '15',
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
    tlsCert: 'cert.pem',
    tlsKey: 'key.pem',
    auth: 'required',
    insecure: true,
    trustProxy: ['127.0.0.1', '10.0.0.0/8'],
    maxUsers: 9,
    corsOrigin: ['https://app.example', 'http://localhost:8080'],
    logFormat: 'pretty',
    accessLog: true,
    services: ['accounts', 'points'],
    pointsUsers: 10,
    pointsTick: 60_000,
    labDelay: 50,
    labLimit: 15,
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
    ['auth', ['', 'none', 'Required']],
    ['insecure', ['', 'yes', '1', 'TRUE']],
    ['trustProxy', [' ', 'proxy', '10.0.0.0/33', '10.0.0.1,', '10.0.0.1 10.0.0.2']],
    ['maxUsers', ['', '0', '1048577']],
    ['services', ['', 'users', 'counters,', 'Points', 'counters,__proto__', 'all,none']],
    ['pointsUsers', ['', '0', '16777217']],
    ['pointsTick', ['', '0', 'daily']],
    ['labDelay', ['', '0', 'slow']],
    ['labLimit', ['', '-1', '100001']],
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

test('a certificate and its key are given both, or neither', async (t) => {
  const certAlone = { name: 'ConfigError', message: '--tls-cert must be given with --tls-key' };
  const keyAlone = { name: 'ConfigError', message: '--tls-key must be given with --tls-cert' };
  t.throws(() => readConfig({ tlsCert: 'cert.pem' }), certAlone);
  t.throws(() => readConfig({ tlsKey: 'key.pem' }), keyAlone);
  t.throws(() => readConfig({ tlsCert: '', tlsKey: 'key.pem' }), keyAlone);
  t.equal(readConfig({ tlsCert: '', tlsKey: '' }).tlsCert, '', 'in the environment, nothing is none');
});

test('others are let in only where a token is asked for, or somebody says that they may all count', async (t) => {
  for (const host of ['127.0.0.1', '::1', 'localhost']) t.equal(readConfig({ host }).auth, 'open');
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'counters.example']) {
    t.throws(
      () => readConfig({ host }),
      { name: 'ConfigError', message: /^--host must be .* --auth required; or --insecure/ },
      host,
    );
    t.throws(() => readConfig({ host, insecure: 'false' }), { name: 'ConfigError' });
    t.equal(readConfig({ host, insecure: 'true' }).auth, 'open');
    t.equal(readConfig({ host, auth: 'required' }).host, host);
  }
});

test('an origin is read in the one form that browsers send', async (t) => {
  t.same(readConfig({}).corsOrigin, []);
  t.same(readConfig({ corsOrigin: '' }).corsOrigin, []);
  for (const text of [
    '*',
    'https://app.example',
    'http://localhost:8080',
    'http://[::1]:8080',
    'http://127.0.0.1',
    'https://xn--bcher-kva.example',
    'chrome-extension://abcdefghijklmnop',
    'capacitor://localhost',
  ]) {
    t.same(readConfig({ corsOrigin: text }).corsOrigin, [text]);
  }
  for (const text of [
    ' ',
    ',',
    'null',
    'app.example',
    'localhost:8080',
    '//app.example',
    'https://',
    'https://app.example/',
    'https://app.example/path',
    'https://app.example?',
    'https://app.example#',
    'https://app.example:443',
    'http://app.example:80',
    'http://app.example:08080',
    'https://App.example',
    'HTTPS://app.example',
    'app://Localhost',
    'https://bücher.example',
    'https://me@app.example',
    'https://*.example',
    'https:app.example',
    'file://',
    'data:,a',
    'https://app.example,',
    'https://app.example, https://other.example',
  ]) {
    t.throws(() => readConfig({ corsOrigin: text }), { name: 'ConfigError', message: /^--cors-origin must be an origin/ }, text);
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

test('services are some of those that there are, or all of them', async (t) => {
  t.same(readConfig({}).services, ['counters', 'accounts']);
  t.same(readConfig({ services: 'points,counters,points' }).services, ['counters', 'points']);
  for (const services of ['all', 'points,all']) {
    t.same(readConfig({ services }).services, ['counters', 'accounts', 'points', 'lab']);
  }
  const message =
    '--services must be some of counters, accounts, points, lab, or all ("users" or "shop" is none of them), not "points,users,shop"';
  t.throws(() => readConfig({ services: 'points,users,shop' }), { name: 'ConfigError', message });
});

test('where a token is asked for there have to be accounts', async (t) => {
  const message = '--auth required must have the service accounts';
  t.throws(() => readConfig({ auth: 'required', services: 'counters,points' }), { name: 'ConfigError', message });
  t.same(readConfig({ auth: 'required', services: 'accounts' }).services, ['accounts']);
});
