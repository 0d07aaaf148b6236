import { join } from 'node:path';
import { type Test, test } from 'tap';
import { ServerProcess } from '../server-process.js';

const [ONE, TWO, THREE] = ['https://one.example', 'https://two.example', 'http://localhost:8080'] as const;

/** Which of the origins a server lets in that was started like this. */
async function allowed(t: Test, args: readonly string[], env: Record<string, string> = {}): Promise<string[]> {
  const server = await ServerProcess.serving(t, join(t.testdir({}), 'numbers.db'), args, env);
  const origins: string[] = [];
  for (const origin of [ONE, TWO, THREE]) {
    const { headers } = await fetch(`http://127.0.0.1:${server.port}/healthz`, { headers: { origin } });
    if (headers.get('access-control-allow-origin') === origin) origins.push(origin);
  }
  return origins;
}

test('the flag may be given more than once', async (t) => {
  t.same(await allowed(t, ['--cors-origin', ONE, '--cors-origin', THREE]), [ONE, THREE]);
});

test('the variable may have several', async (t) => {
  t.same(await allowed(t, [], { INCREMENTER_CORS_ORIGIN: `${ONE},${TWO}` }), [ONE, TWO]);
});

test('flags stand in the place of the variable', async (t) => {
  t.same(await allowed(t, ['--cors-origin', TWO], { INCREMENTER_CORS_ORIGIN: ONE }), [TWO]);
});

test('what is no origin is refused, among others too', async (t) => {
  const server = new ServerProcess(t, join(t.testdir({}), 'numbers.db'), ['--cors-origin', ONE, '--cors-origin', `${TWO}/`]);
  t.same(await server.exit, { code: 2, signal: null });
  t.match(
    server.stderr,
    /^incrementer: --cors-origin must be an origin [^\n]*"https:\/\/one\.example,https:\/\/two\.example\/"\n$/,
  );
});
