import { test } from 'tap';
import { bytes, duration, rate, whole } from '../../lib/web/dashboard/format.js';
import { Ranking } from '../../lib/web/dashboard/ranking.js';

test('the highest stand first, those alike in the order of their keys', async (t) => {
  const ranking = new Ranking();
  ranking.replace(
    [
      { key: 'b', value: 5 },
      { key: 'a', value: 5 },
      { key: 'large', value: '9007199254740993' },
      { key: 'larger', value: '9007199254740995' },
      { key: 'negative', value: '-9007199254740993' },
    ],
    1,
  );
  t.same(
    ranking.top(4).map(({ key }) => key),
    ['larger', 'large', 'a', 'b'],
  );
});

test('what is older than what is known changes nothing', async (t) => {
  const ranking = new Ranking();
  ranking.replace([{ key: 'a', value: 1 }], 10);
  t.ok(ranking.apply({ key: 'a', value: 3, seq: 12 }));
  t.notOk(ranking.apply({ key: 'a', value: 2, seq: 11 }));
  ranking.replace(
    [
      { key: 'a', value: 2 },
      { key: 'b', value: 1 },
    ],
    11,
  );
  t.same(ranking.top(2), [
    { key: 'a', value: 3 },
    { key: 'b', value: 1 },
  ]);
});

test('who is not known stays unknown, who is deleted goes', async (t) => {
  const ranking = new Ranking();
  ranking.replace([{ key: 'a', value: 1 }], 1);
  t.notOk(ranking.apply({ key: 'b', value: 1, seq: 2 }));
  t.ok(ranking.apply({ key: 'a', value: null, seq: 3 }));
  t.same(ranking.keys, []);
});

test('figures are written in the unit that suits them', async (t) => {
  t.same([0, 0.25, 1.234, 12.5, 999, 1_500, 61_000, 3_660_000, 90_000_000].map(duration), [
    '0',
    '250 µs',
    '1.2 ms',
    '13 ms',
    '999 ms',
    '1.5 s',
    '1 min 1 s',
    '1 h 1 min',
    '1 d 1 h',
  ]);
  t.same([0, 1_023, 1_536, 150 * 1024 * 1024].map(bytes), ['0 B', '1,023 B', '1.5 KiB', '150 MiB']);
  t.same([0.25, 9.96, 12.4].map(rate), ['0.3', '10', '12']);
  t.same([1_234_567, '-9223372036854775808'].map(whole), ['1,234,567', '-9,223,372,036,854,775,808']);
});
