import { test } from 'tap';
import { Failures } from '../../../dist/services/accounts/failures.js';

function rig() {
  let nowMs = 0;
  return {
    failures: new Failures(() => nowMs),
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

test('nothing is remembered of addresses that have not failed', async (t) => {
  const { failures } = rig();
  t.equal(failures.refusal('a'), undefined);
  t.notOk(failures.anyIsShut);
});

test('a window of failures ends, and all is as before', async (t) => {
  const { failures, pass } = rig();
  for (let i = 0; i < 20; i++) t.equal(failures.add('a', `guess${i}`).code, 'unknown-token');
  t.ok(failures.anyIsShut);
  t.equal(failures.refusal('a')?.code, 'too-many-failures');
  pass(59_999);
  t.equal(failures.refusal('a')?.retryAfterS, 1, 'the rest of the window, rounded up');
  pass(1);
  t.equal(failures.refusal('a'), undefined);
  t.notOk(failures.anyIsShut);
  t.equal(failures.add('a', 'guess').code, 'unknown-token');
});

test('the same wrong token, however often, is no guessing', async (t) => {
  const { failures } = rig();
  for (let i = 0; i < 20; i++) t.equal(failures.add('a', 'same').code, 'unknown-token');
  for (let i = 0; i < 100; i++) t.equal(failures.add('a', 'same').code, 'too-many-failures');
  t.equal(failures.refusal('a'), undefined);
});

test('different ones count, even beyond the bound of failures', async (t) => {
  const { failures } = rig();
  for (let i = 0; i < 20; i++) failures.add('a', 'same');
  for (let i = 0; i < 18; i++) t.equal(failures.add('a', `guess${i}`).code, 'too-many-failures');
  t.equal(failures.refusal('a'), undefined);
  failures.add('a', 'one more');
  t.equal(failures.refusal('a')?.code, 'too-many-failures');
});

test('addresses are counted by themselves, and no more of them are remembered than there may be', async (t) => {
  const { failures } = rig();
  for (let i = 0; i < 20; i++) failures.add('first', `guess${i}`);
  for (let i = 0; i < 9_999; i++) failures.add(`address${i}`, 'guess');
  t.equal(failures.refusal('first')?.code, 'too-many-failures');
  t.equal(failures.refusal('address0'), undefined);
  failures.add('one more', 'guess');
  t.equal(failures.refusal('first'), undefined, 'the oldest makes room');
  t.notOk(failures.anyIsShut);
});
