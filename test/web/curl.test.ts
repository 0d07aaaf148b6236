import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { test } from 'tap';
import { curlLine, shellQuoted } from '../../lib/web/dashboard/curl.js';
import { holds } from '../property.js';

/** The words that a shell makes of a text, where `curl` is a program that prints its own. */
function words(line: string): string[] {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }\n${line}`], {
    env: { INCREMENTER_TOKEN: 'from the environment' },
  });
  if (status !== 0) throw new Error(`${stderr}`);
  return stdout.toString().split('\0').slice(0, -1);
}

const RUNS = 60;

/** What keys are made of: anything but control characters. */
const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text)),
  fc.string({ unit: fc.constantFrom(...`'"\`$(){}[]<>|&;*?!~#\\ =%@-a`), minLength: 1 }),
);

test('a shell takes any key for one word, and looks into none', async (t) => {
  holds(
    t,
    fc.property(key, (key) => {
      const line = curlLine({ origin: 'http://localhost:3333', key, value: '-5', onDisk: true, hasToken: true });
      return (
        JSON.stringify(words(line)) ===
        JSON.stringify([
          'http://localhost:3333/increment',
          '-H',
          'Authorization: Bearer from the environment',
          ...[`key=${key}`, 'value=-5', 'durability=disk'].flatMap((field) => ['--data-urlencode', field]),
        ])
      );
    }),
    RUNS,
  );
});

test('plain words are left as they are', async (t) => {
  const line = curlLine({ origin: 'http://localhost:3333', key: 'views:/docs', value: '1', onDisk: false, hasToken: false });
  t.equal(line, 'curl http://localhost:3333/increment --data-urlencode key=views:/docs --data-urlencode value=1');
  t.equal(shellQuoted(''), "''");
  t.equal(shellQuoted("it's"), "'it'\\''s'");
});
