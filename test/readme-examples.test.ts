import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { NodeProcess, ROOT } from './node-process.js';
import { EXECUTABLE, ServerProcess } from './server-process.js';

/** A command of the README, and what it says that the command prints. */
interface Example {
  readonly command: string;
  readonly output: string;
}

/** Every curl command that has an output after it, in the order in which a reader would try them. */
function examplesIn(readme: string): Example[] {
  const fences = [...readme.matchAll(/^```\w*\n(.*?)\n```$/gms)].map(([, text]) => text ?? '');
  return fences.flatMap((command, i) => (/\bcurl /.test(command) ? [{ command, output: fences[i + 1] ?? '' }] : []));
}

t.test('every example of the README prints what it says, one after the other on a fresh server', async (t) => {
  const server = await ServerProcess.serving(t, join(t.testdir(), 'numbers.db'));
  const examples = examplesIn(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  t.ok(examples.length > 15, `${examples.length} examples`);
  let token = '';
  for (const { command, output } of examples) {
    // What the README has the reader do before it needs a token.
    if (command.includes('$TOKEN') && token === '') token = await makeAdmin(t, server.db);
    const onItsPort = command.replaceAll('localhost:3333', `localhost:${server.port}`);
    t.equal(anonymous(printed(onItsPort, { TOKEN: token })), anonymous(output), command);
  }
});

async function makeAdmin(t: Test, db: string): Promise<string> {
  const made = new NodeProcess(t, [EXECUTABLE, 'user', 'add', 'root', '--scope', 'admin', '--db', db]);
  await made.exit;
  return made.stdout.trim();
}

/** Without what is another each time: ids of requests, tokens that are made, and times. */
function anonymous(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'a UUID')
    .replaceAll(/"token":"[\w-]{43}"/g, 'a token')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time');
}

/**
 * What is seen on a terminal: without the carriage returns of headers. curl leaves with an error when
 * its time is up, as it is on a stream of events.
 */
function printed(command: string, environment: Readonly<Record<string, string>> = {}): string {
  const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8', env: { ...process.env, ...environment } });
  return stdout.replaceAll('\r', '').trim();
}
