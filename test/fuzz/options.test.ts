import fc from 'fast-check';
import t from 'tap';
import { ConfigError, OPTIONS, type OptionName, readConfig } from '../../dist/config.js';
import { WriteBehind } from '../../dist/engine/write-behind.js';
import type { Exchange } from '../../dist/http/exchange.js';
import { Problem } from '../../dist/http/problem.js';
import { durabilityRoutes } from '../../dist/services/ops/durability-routes.js';
import { Monitor } from '../../dist/services/ops/health.js';
import { readDurability } from '../../dist/writes/durability.js';
import { bytes, FORM, JSON_TYPE, request } from '../http/request.js';
import { MemoryStore } from '../memory-store.js';
import { holds } from '../property.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, '': 1_000 };
const TIMER_MS_MAX = 2 ** 31 - 1;

const names = Object.keys(OPTIONS) as OptionName[];

t.test('any text for any option is a value or a ConfigError that names the option', async (t) => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '9',
    '007',
    '.',
    '-',
    '+',
    'e',
    'ms',
    's',
    'm',
    'h',
    ' ',
    'uws',
    'disk',
    'info',
    'http://a',
    ',',
    '*',
    '',
    '\n',
    '٣',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
  );
  holds(
    t,
    fc.property(fc.constantFrom(...names), text, (name, text) => {
      try {
        const value = readConfig({ [name]: text })[name];
        if (Array.isArray(value)) return value.join(',') === text;
        return typeof value === 'string' ? value === text : Number.isFinite(value) && (value as number) >= 0;
      } catch (error) {
        return error instanceof ConfigError && error.message.startsWith(`${OPTIONS[name].flag} must be `);
      }
    }),
    5_000,
  );
});

t.test('a time is read as what it says, and refused when a timer can not hold it', async (t) => {
  const number = fc.tuple(fc.nat({ max: 999_999_999 }), fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }));
  holds(
    t,
    fc.property(number, fc.constantFrom(...Object.keys(UNITS)), ([whole, thousandths], unit) => {
      const text = `${whole}${thousandths === undefined ? '' : `.${String(thousandths).padStart(3, '0')}`}${unit}`;
      const ms = (whole + (thousandths ?? 0) / 1_000) * (UNITS[unit] as number);
      try {
        return Math.abs(readConfig({ syncInterval: text }).syncInterval - ms) < 1e-3 && ms >= 1 && ms <= TIMER_MS_MAX + 1;
      } catch (error) {
        return error instanceof ConfigError && (ms < 1 || ms > TIMER_MS_MAX);
      }
    }),
    5_000,
  );
});

t.test('a durability is memory, disk, or a problem', async (t) => {
  const word = fc.oneof(fc.string(), fc.constantFrom('memory', 'disk', 'Memory', 'disk ', 'disks', '__proto__', 'toString'));
  holds(
    t,
    fc.property(word, fc.constantFrom<('memory' | 'disk')[]>('memory', 'disk'), (word, byDefault) => {
      const read = readDurability(word, byDefault);
      if (word === 'memory' || word === 'disk') return read === word;
      return read instanceof Problem && read.code === 'invalid-parameter' && readDurability(undefined, byDefault) === byDefault;
    }),
    2_000,
  );
});

t.test('the seq of a drain is the number of a write that was made, or a problem', async (t) => {
  const last = 1_000;
  const writes = new WriteBehind({
    store: new MemoryStore(),
    intervalMs: 1_000,
    waitMs: 1_000,
    queueCapacity: 2,
    nowMs: () => 0,
    onStoreChange: () => undefined,
  });
  // All of them are on disk, so that nobody has to wait.
  writes.start({ seq: last, ceilingSeq: last, clean: true });
  t.teardown(() => writes.stop(1));
  const route = durabilityRoutes(new Monitor(writes), writes).find(({ path }) => path === '/drain');
  const near = fc.oneof(
    fc.nat({ max: 2 * last }).map(String),
    fc.integer().map(String),
    fc.bigInt().map(String),
    fc.double().map(String),
    fc.string(),
    fc.constantFrom('0', '1', '1000', '1001', '0001', '00000000000000001', '1e2', '1.0', '+1', ' 1', '1 ', '0x1', '١', 'NaN', ''),
  );
  const carrier = fc.constantFrom('query', 'form', 'json');
  holds(
    t,
    fc.property(near, carrier, (seq, carrier) => {
      const outcome = answered(carrier, seq);
      const isOne = /^[0-9]{1,15}$/.test(seq) && Number(seq) >= 1 && Number(seq) <= last;
      return outcome === (isOne ? '200' : 'invalid-parameter seq');
    }),
    3_000,
  );

  function answered(carrier: string, seq: string): string {
    const encoded = `seq=${encodeURIComponent(seq)}`;
    const sent =
      carrier === 'query'
        ? { query: encoded }
        : carrier === 'form'
          ? { body: bytes(encoded), type: FORM }
          : { body: bytes(JSON.stringify({ seq })), type: JSON_TYPE };
    let outcome = 'no reply';
    const exchange: Exchange = {
      ...request(sent),
      reply: (status) => {
        outcome = String(status);
      },
      refuse: ({ code, field }) => {
        outcome = `${code} ${field}`;
      },
    };
    route?.handle(exchange);
    return outcome;
  }
});
