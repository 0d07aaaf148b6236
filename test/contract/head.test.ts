import { contract } from './service.js';
import { encode, post, type Reply } from './wire.js';

contract((t, service) => {
  const targets = [
    '/healthz',
    '/readyz',
    '/numbers/known',
    '/numbers/unknown',
    '/numbers/%ff',
    '/problems/overflow',
    '/nowhere',
    '/increment',
  ];
  for (const target of targets) {
    t.test(`HEAD ${target} has the head that GET has, and no body`, async (t) => {
      const wire = await service.connect(t);
      await wire.exchange(post('key=known&value=0'));
      const headers = { 'X-Request-Id': 'the-same' };
      const got = await wire.exchange(encode({ target, headers }));
      const head = await wire.exchange(encode({ method: 'HEAD', target, headers }));
      // The detail of a 405 names the method, which is one letter longer.
      const longer = got.status === 405 ? 1 : 0;
      t.equal(head.status, got.status, 'the status is the same');
      t.strictSame(comparable(head, 0), comparable(got, longer), 'the headers are the same');
      t.equal((await wire.exchange(encode({ target: '/healthz' }))).status, 200, 'the connection goes on');
    });
  }

  t.test('pipelined HEAD and GET requests are answered in order', async (t) => {
    const wire = await service.connect(t);
    await wire.exchange(post('key=piped'));
    const methods = ['HEAD', 'GET', 'HEAD', 'HEAD', 'GET'];
    wire.send(methods.map((method) => encode({ method, target: '/numbers/piped' })).join(''));
    for (const method of methods) {
      const reply = await wire.reply(method);
      t.equal(reply.body, method === 'HEAD' ? '' : '{"key":"piped","value":1}');
      t.equal(reply.headers.get('content-length'), '25');
    }
  });

  t.test('HEAD on a connection that is to be closed closes it', async (t) => {
    const wire = await service.connect(t);
    const reply = await wire.exchange(encode({ method: 'HEAD', target: '/healthz', headers: { Connection: 'close' } }));
    t.equal(reply.status, 200);
    t.equal(await wire.rest(), '', 'nothing comes after the head');
  });
});

function comparable({ headers }: Reply, longer: number): [string, string][] {
  const all = new Map(headers);
  all.delete('date');
  all.set('content-length', String(Number(headers.get('content-length')) + longer));
  return [...all].sort();
}
