import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram } from './load.js';
import { freePort, Subject } from './subject.js';

export const redisMissing = missingProgram('redis-server');

export const webdisMissing = missingProgram('webdis') ?? redisMissing;

/** A Redis that appends every command to its file, and syncs that before it replies; or one that writes nothing. */
export function redis(kind: 'always' | 'memory'): Promise<Subject> {
  return Subject.start((subject) => runRedis(subject, kind));
}

/** Webdis, HTTP in front of a Redis that writes nothing: with one thread, as it has one core. */
export function webdis(): Promise<Subject> {
  return Subject.start(async (subject) => {
    await runRedis(subject, 'memory');
    const port = await freePort();
    const settings = {
      redis_host: '127.0.0.1',
      redis_port: subject.port,
      http_host: '127.0.0.1',
      http_port: port,
      threads: 1,
      daemonize: false,
      verbosity: 0,
      logfile: join(subject.folder, 'webdis.log'),
    };
    const file = join(subject.folder, 'webdis.json');
    writeFileSync(file, JSON.stringify(settings));
    await subject.run({ program: 'webdis', argv: [file] });
    await subject.serves(port);
  });
}

async function runRedis(subject: Subject, kind: 'always' | 'memory'): Promise<void> {
  const port = await freePort();
  const appending = kind === 'always' ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  await subject.run({
    program: 'redis-server',
    argv: ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', ...appending],
    output: 'stdout',
    portIn: (line) => (line.includes('Ready to accept connections') ? port : undefined),
  });
}
