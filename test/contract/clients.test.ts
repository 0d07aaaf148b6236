import { type ExecFileException, execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { expectCounted } from './expectation.js';
import { contract, type Service, serve } from './service.js';
import { post } from './wire.js';

/** How often a program may fail to end: siege waits for its own threads at times, and for ever. */
const ATTEMPTS = 3;

const READY = new Map<string, string | false>();
for (const [program, argument] of [
  ['curl', '--version'],
  ['siege', '--version'],
  ['wrk', '--version'],
  ['ab', '-V'],
] as const) {
  const { found } = await run(program, [argument]);
  // In CI a program that is missing is a failure.
  READY.set(program, found || process.env.CI ? false : `${program} is not installed`);
}

contract((t, service) => {
  t.test('curl counts by the line in the README', { skip: READY.get('curl') ?? false }, async (t) => {
    const url = `http://localhost:${service.port}/increment`;
    for (let i = 1; i <= 3; i++) {
      const { output } = await run('curl', ['-sS', '-X', 'POST', url, '-d', 'key=abcdef&value=1']);
      t.match(output, new RegExp(`^\\{"key":"abcdef","value":${i},"seq":\\d+\\}$`));
    }
    const { output } = await run('curl', [
      '-sS',
      '-H',
      'Accept: text/plain',
      '--json',
      '{"key":"abcdef"}',
      '-H',
      'Accept: text/plain',
      url,
    ]);
    t.match(output, /"value":4|^4\n$/);
  });

  t.test('siege finds the service available', { skip: READY.get('siege') ?? false }, async (t) => {
    const folder = t.testdir({ 'siege.conf': 'protocol = HTTP/1.1\nlogging = false\njson_output = true\n' });
    const urls = join(folder, 'urls.txt');
    const lines = Array.from({ length: 100 }, (_, i) => `http://127.0.0.1:${service.port}/increment POST key=siege-${i}&value=1`);
    writeFileSync(urls, `${lines.join('\n')}\n`);
    const before = await seq(service);
    const { output } = await run(
      'siege',
      ['-R', join(folder, 'siege.conf'), '-f', urls, '-c', '20', '-i', '-b', '-t', '3S'],
      folder,
    );
    t.match(output, /"availability":\s*100\.00/, 'every request is answered');
    const transactions = Number(/"transactions":\s*(\d+)/.exec(output)?.[1]);
    t.ok(transactions > 100, `${transactions} requests were sent`);
    t.ok((await seq(service)) - before >= transactions, 'and every one of them counted');
  });

  t.test('wrk gets no error', { skip: READY.get('wrk') ?? false }, async (t) => {
    const script = [
      'wrk.method = "POST"',
      'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"',
      'local n = 0',
      'request = function() n = n + 1; return wrk.format(nil, "/increment", nil, "value=1&key=wrk-" .. n % 50) end',
    ];
    const folder = t.testdir({ 'post.lua': script.join('\n') });
    const address = `http://127.0.0.1:${service.port}`;
    const { output } = await run('wrk', ['-t', '1', '-c', '20', '-d', '2s', '-s', join(folder, 'post.lua'), address]);
    t.match(output, /\d+ requests in/);
    t.notMatch(output, /Non-2xx|Socket errors/);
  });
});

t.test('ab counts over HTTP/1.0 with keep-alive', { skip: READY.get('ab') ?? false }, async (t) => {
  const service = await serve(t, 'node');
  const folder = t.testdir({ body: 'key=ab&value=2' });
  const type = 'application/x-www-form-urlencoded';
  const url = `http://127.0.0.1:${service.port}/increment`;
  const { output } = await run('ab', ['-k', '-l', '-n', '200', '-c', '10', '-p', join(folder, 'body'), '-T', type, url]);
  t.match(output, /Complete requests:\s+200\n/);
  t.match(output, /Failed requests:\s+0\n/);
  t.match(output, /Keep-Alive requests:\s+200\n/);
  t.notMatch(output, /Non-2xx/);
  const wire = await service.connect(t);
  expectCounted(t, await wire.exchange(post('key=ab&value=0')), 'ab', '400');
});

/** The number of the latest write, by making one. */
async function seq(service: Service): Promise<number> {
  const wire = await service.connect(t);
  const { body } = await wire.exchange(post('key=latest'));
  return (JSON.parse(body) as { seq: number }).seq;
}

/** Runs a program to its end, again where it does not come to one. Its two outputs come as one. */
async function run(program: string, args: readonly string[], home?: string): Promise<{ found: boolean; output: string }> {
  const env = home === undefined ? process.env : { ...process.env, HOME: home };
  // It takes a SIGTERM, and does not end by that either.
  const limits = { env, timeout: 30_000, killSignal: 'SIGKILL' } as const;
  for (let left = ATTEMPTS - 1; ; left--) {
    const [error, output] = await new Promise<[ExecFileException | null, string]>((resolve) => {
      execFile(program, args, limits, (error, stdout, stderr) => resolve([error, stdout + stderr]));
    });
    if (error?.signal !== 'SIGKILL' || left === 0) return { found: error?.code !== 'ENOENT', output };
  }
}
