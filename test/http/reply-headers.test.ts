import t from 'tap';
import { givenId, replyHeaders } from '../../dist/http/reply-headers.js';

t.test('an id is 1 to 128 visible ASCII characters; anything else is none', async (t) => {
  for (const id of ['a', '~!"{}', '7b1c', 'x'.repeat(128)]) t.equal(givenId(id), id);
  for (const text of ['', ' ', 'a b', 'a\tb', 'x'.repeat(129), 'é', '\x7f', '\ufffd', 'a\n'])
    t.equal(givenId(text), '', JSON.stringify(text));
});

t.test('where there is nothing to add, the headers are the same object', async (t) => {
  const own = { Link: '</a>' };
  t.equal(replyHeaders(own, '', undefined), own);
});

t.test('to its own headers a reply has the id and what browsers are told', async (t) => {
  const own = { Link: '</a>' };
  t.strictSame(replyHeaders(own, 'r', undefined), { Link: '</a>', 'X-Request-Id': 'r' });
  t.strictSame(replyHeaders(own, '', { Vary: 'Origin' }), { Link: '</a>', Vary: 'Origin' });
  t.strictSame(replyHeaders(own, 'r', { Vary: 'Origin' }), { Link: '</a>', 'X-Request-Id': 'r', Vary: 'Origin' });
  t.strictSame(own, { Link: '</a>' }, 'they are left alone');
});
