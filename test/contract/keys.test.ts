import type { Test } from 'tap';
import { expectCounted, expectProblem } from './expectation.js';
import { contract } from './service.js';
import { encode, post, utf8, type Wire } from './wire.js';

const TAKEN: readonly string[] = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toString',
    'then',
    'numbers',
    'init',
    'increment',
    'healthz',
    'readyz',
  ],
  ...[
    '0',
    '-1',
    '1e3',
    'null',
    'undefined',
    'true',
    ' ',
    '  two  ',
    'a b',
    'a+b',
    'a&b=c',
    'a=b',
    'a%b',
    '%41',
    'a/b',
    '/',
    '../..',
    '.',
    '..',
  ],
  ...[
    '?',
    '#',
    'a?b#c',
    ':',
    '{key}',
    '*',
    '"',
    '\\',
    '"quoted" \\back\\slashed\\',
    "it's",
    '<b>',
    "'; DROP TABLE numbers; --",
    '~',
    '|',
  ],
  ...[
    'é',
    'e\u0301',
    'ñandú',
    '数',
    '한국어',
    'עברית',
    'Ωμέγα',
    '€',
    '😀',
    '👩‍👩‍👧‍👦',
    '\u00a0',
    '\u200b',
    '\u2028',
    '\ufeff',
    '\ufffd',
    '\u{10ffff}',
    '\ue000',
    '\uffff',
  ],
  ...['k'.repeat(256), 'k'.repeat(512), 'é'.repeat(256), '€'.repeat(170), '😀'.repeat(128), `${'€'.repeat(170)}ab`],
];

const TOO_LONG = ['k'.repeat(513), `${'é'.repeat(256)}k`, '€'.repeat(171), `${'😀'.repeat(128)}k`, 'k'.repeat(10_000)];

const CONTROLS = [...Array.from({ length: 32 }, (_, i) => i), ...Array.from({ length: 33 }, (_, i) => 127 + i)];

/** The same key, as each kind of request carries it. */
const CARRIERS: Readonly<Record<string, (key: string) => string>> = {
  form: (key) => post(`key=${encodeURIComponent(key)}`),
  'form by URLSearchParams': (key) => post(new URLSearchParams({ key }).toString()),
  query: (key) => encode({ method: 'POST', target: `/increment?key=${encodeURIComponent(key)}` }),
  'JSON body': (key) => json(JSON.stringify({ key })),
  'JSON body with escapes': (key) => json(`{"key":"${escaped(key)}"}`),
};

contract((t, service) => {
  t.test('a key of any characters counts, whatever carries it, and is read at its path', async (t) => {
    const wire = await service.connect(t);
    for (const key of TAKEN) {
      let count = 0;
      for (const request of Object.values(CARRIERS)) expectCounted(t, await wire.exchange(request(key)), key, `${++count}`);
      t.equal((await read(wire, key)).body, `{"key":${JSON.stringify(key)},"value":${count}}`);
    }
  });

  t.test('a key in raw UTF-8 counts in a form', async (t) => {
    const wire = await service.connect(t);
    for (const key of ['raw-é', 'raw-数', 'raw-😀', '\u20ac'.repeat(169), 'raw-\ufffd', '\u0800']) {
      expectCounted(t, await wire.exchange(post(`key=${utf8(key)}`)), key, '1');
    }
  });

  for (const [carrier, request] of Object.entries(CARRIERS)) {
    t.test(`a key that is empty, too long, or has a control character is refused in a ${carrier}`, async (t) => {
      const wire = await service.connect(t);
      const controls = CONTROLS.map((code) => `a${String.fromCharCode(code)}b`);
      for (const key of ['', ...TOO_LONG, ...controls]) {
        expectProblem(t, await wire.exchange(request(key)), 400, 'invalid-parameter', 'key');
      }
    });
  }

  t.test('a key that is too long or has a control character is refused in a path', async (t) => {
    const wire = await service.connect(t);
    const controls = CONTROLS.map((code) => `a${String.fromCharCode(code)}b`);
    for (const key of [...TOO_LONG, ...controls]) expectProblem(t, await read(wire, key), 400, 'invalid-parameter', 'key');
  });

  t.test('a key that is half of a surrogate pair is refused', async (t) => {
    const wire = await service.connect(t);
    for (const key of ['\\ud83d', 'a\\ude00', '\\ude00\\ud83d']) {
      expectProblem(t, await wire.exchange(json(`{"key":"${key}"}`)), 400, 'invalid-parameter', 'key');
    }
  });

  t.test('keys that differ in case, spaces or Unicode form are different keys', async (t) => {
    const wire = await service.connect(t);
    const keys = ['case', 'Case', 'CASE', ' case', 'case ', 'caf\u00e9', 'cafe\u0301', '1', '01', '1.0'];
    for (const key of keys) await expectFresh(t, wire, `differ/${key}`);
  });

  t.test('a number is a key, in JSON as it was written', async (t) => {
    const wire = await service.connect(t);
    expectCounted(t, await wire.exchange(json('{"key":4711}')), '4711', '1');
    expectCounted(t, await wire.exchange(post('key=4711')), '4711', '2');
    expectCounted(t, await wire.exchange(json('{"key":90071992547409930000}')), '90071992547409930000', '1');
  });
});

async function expectFresh(t: Test, wire: Wire, key: string): Promise<void> {
  expectCounted(t, await wire.exchange(post(`key=${encodeURIComponent(key)}`)), key, '1');
}

function read(wire: Wire, key: string) {
  return wire.exchange(encode({ target: `/numbers/${encodeURIComponent(key)}` }));
}

function json(body: string): string {
  return encode({ method: 'POST', target: '/increment', headers: { 'Content-Type': 'application/json' }, body: utf8(body) });
}

/** Every UTF-16 code unit as \uXXXX. */
function escaped(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
