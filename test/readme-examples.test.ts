import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from './node-process.js';
import { ServerProcess } from './server-process.js';

/** A command of the README, and what it says that the command prints. */
interface Example {
  readonly command: string;
  readonly output: string;
}

/** Every curl command that has an output after it, in the order in which a reader would try them. */
function examplesIn(readme: string): Example[] {
  const fences = [...readme.matchAll(/^```\n(.*?)\n```$/gms)].map(([, text]) => text ?? '');
  return fences.flatMap((command, i) => (/\bcurl /.test(command) ? [{ command, output: fences[i + 1] ?? '' }] : []));
}

t.test('every example of the README prints what it says, one after the other on a fresh server', async (t) => {
  const server = await ServerProcess.serving(t, join(t.testdir(), 'numbers.db'));
  const examples = examplesIn(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  t.ok(examples.length > 15, `${examples.length} examples`);
  for (const { command, output } of examples) {
    const onItsPort = command.replaceAll('localhost:3333', `localhost:${server.port}`);
    t.equal(printed(onItsPort), output, command);
  }
});

/**
 * What is seen on a terminal: without the carriage returns of headers. curl leaves with an error when
 * its time is up, as it is on a stream of events.
 */
function printed(command: string): string {
  const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  return stdout.replaceAll('\r', '').trim();
}
