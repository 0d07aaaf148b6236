import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { NodeProcess, ROOT } from './node-process.js';
import { ServerProcess } from './server-process.js';
import { UnpackedPackage } from './unpacked-package.js';
import { stored } from './writes/written.js';

const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

test('the package, installed in an empty folder, starts and counts', async (t) => {
  const unpacked = new UnpackedPackage(t);
  t.ok(statSync(unpacked.executable).mode & 0o100, 'its command can be executed');
  const server = new ServerProcess(t, join(unpacked.folder, 'numbers.db'), [], {}, unpacked.executable);
  await server.serves();
  t.equal((await server.increment('abcdef', 3)).body.value, 3);
  server.signal('SIGTERM');
  t.same(await server.exit, { code: 0, signal: null });
  t.equal(stored(server.db, 'abcdef'), 3);
});

test('the package has what the README points to, and no sources or tests', async (t) => {
  const { files } = new UnpackedPackage(t);
  const links = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
    ([, path]) => path ?? '',
  );
  t.ok(links.length > 0, `${links.length} links`);
  for (const path of links)
    t.ok(
      files.some((file) => file === path || file.startsWith(path)),
      path,
    );
  t.same(new Set(files.map((path) => path.split('/')[0])), new Set([...TOP, ...FOLDERS]));
  const built = files.filter((path) => path.startsWith('dist/')).map((path) => path.split('/')[1]);
  const sources = readdirSync(join(ROOT, 'lib')).flatMap((name) =>
    name.endsWith('.ts') ? [name.replace(/ts$/, 'js'), name.replace(/ts$/, 'd.ts')] : [name],
  );
  t.same(new Set(built), new Set([...sources, 'bench']));
});

const FOLDERS = ['bench', 'bin', 'deploy', 'dist', 'docs'];
const TOP = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];

test('the benchmark of the package runs, and says of what is not installed that it is not', async (t) => {
  const unpacked = new UnpackedPackage(t);
  const few = ['--quick', '--users', '1000', '--only', 'as published'];
  const bench = new NodeProcess(t, [unpacked.executable, 'bench', ...few], { cwd: unpacked.folder });
  t.same(await bench.exit, { code: 0, signal: null }, bench.stderr);
  t.match(bench.stdout, /^- incrementer .*, from a package;/m);
  t.match(bench.stdout, /^\| incrementer, between ticks .* \| autocannon is not installed \|$/m);
  t.match(bench.stdout, /^\| incrementer \| [\d,]+ \|/m);
});

test('the example of the README counts inside another program, and its types hold', async (t) => {
  const unpacked = new UnpackedPackage(t);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, program = '', output = ''] = /\n## As a library\n.*?^```js\n(.*?)^```\n.*?^```\n(.*?)^```\n/ms.exec(readme) ?? [];
  writeFileSync(join(unpacked.folder, 'example.mts'), program);
  unpacked.link('@types/node');
  const compiled = spawnSync(process.execPath, [TSC, ...COMPILER_OPTIONS, 'example.mts'], {
    cwd: unpacked.folder,
    encoding: 'utf8',
  });
  t.equal(compiled.stdout, '');
  const example = new NodeProcess(t, ['example.mjs'], { cwd: unpacked.folder });
  t.same(await example.exit, { code: 0, signal: null }, example.stderr);
  t.equal(example.stdout, output);
  t.not(output, '');
});

/** What a careful user has: every declaration is checked, those of the packages too. */
const COMPILER_OPTIONS = [
  '--strict',
  '--exactOptionalPropertyTypes',
  '--skipLibCheck',
  'false',
  '--target',
  'es2022',
  '--module',
  'nodenext',
];

test('a TypeScript program sees every option, and is told of a wrong one', async (t) => {
  const unpacked = new UnpackedPackage(t);
  writeFileSync(join(unpacked.folder, 'consumer.mts'), CONSUMER);
  unpacked.link('@types/node');
  const args = [TSC, ...COMPILER_OPTIONS, '--noEmit', 'consumer.mts'];
  const compiled = spawnSync(process.execPath, args, { cwd: unpacked.folder, encoding: 'utf8' });
  t.equal(compiled.stdout, '');
  t.equal(compiled.status, 0);
});

const CONSUMER = `
import { ConfigError, ListenError, type Options, type Server, start, StoreRefusal, TlsError, TransportError } from 'incrementer';
import { pino } from 'pino';

const options: Options = {
  port: 0, insecure: false, trustProxy: ['10.0.0.0/8'], corsOrigin: 'https://a.example', transport: 'uws',
  syncInterval: '250ms', maxBatchBytes: 65_536, db: undefined, auth: 'required',
};
const server: Server = await start(options, pino());
const host: string = server.host;
const port: number = server.port;
const complete: boolean = await server.close();
console.log(host, port, complete, ConfigError, ListenError, StoreRefusal, TlsError, TransportError);

// @ts-expect-error there is no such option
await start({ prot: 0 });
// @ts-expect-error no unit
await start({ syncInterval: 5_000 });
// @ts-expect-error there is no such transport
await start({ transport: 'http' });
// @ts-expect-error not a list
await start({ db: ['a.db'] });
// @ts-expect-error not a list of texts
await start({ trustProxy: [10] });
`;
