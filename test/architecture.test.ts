import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { test } from 'tap';
import ts from 'typescript';
import { ROOT } from './node-process.js';

const LIB = join(ROOT, 'lib');
const LINES_MAX = 300;

interface Source {
  /** Relative to lib, with slashes. */
  readonly path: string;
  readonly lines: number;
  /** Other sources, relative to lib; packages by name; Node's own modules as `node:…`. */
  readonly imports: readonly string[];
}

const sources = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readSource(path.split(sep).join('/')));

function readSource(path: string): Source {
  const text = readFileSync(join(LIB, path), 'utf8');
  // Imports, type imports, re-exports and dynamic imports alike.
  const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) return fileName;
    return relative(LIB, join(LIB, dirname(path), fileName))
      .split(sep)
      .join('/')
      .replace(/\.js$/, '.ts');
  });
  return { path, lines: text.split('\n').length - 1, imports };
}

/** The imports of some sources that a rule does not allow, as `importer -> imported`. */
function breaches(of: (path: string) => boolean, allowed: (imported: string, importer: string) => boolean): string[] {
  return sources
    .filter(({ path }) => of(path))
    .flatMap(({ path, imports }) =>
      imports.filter((imported) => !allowed(imported, path)).map((imported) => `${path} -> ${imported}`),
    );
}

const isOurs = (imported: string) => imported.endsWith('.ts');
const PORT = ['store/store.ts', 'store/table.ts'];
const service = (path: string) => /^services\/([^/]+)\//.exec(path)?.[1];

test('the sources are found, and so are their imports', async (t) => {
  t.ok(sources.length > 20, `${sources.length} sources`);
  const paths = new Set(sources.map(({ path }) => path));
  const imported = sources.flatMap(({ imports }) => imports.filter(isOurs));
  t.ok(imported.length > 50, `${imported.length} imports`);
  t.same(
    imported.filter((path) => !paths.has(path)),
    [],
    'every import is of a source',
  );
});

test('the engine knows the port of the store, and no HTTP, no SQL and no service', async (t) => {
  const allowed = (imported: string) => !isOurs(imported) || imported.startsWith('engine/') || PORT.includes(imported);
  t.same(
    breaches((path) => path.startsWith('engine/'), allowed),
    [],
  );
});

test('the engine needs no package', async (t) => {
  t.same(
    breaches(
      (path) => path.startsWith('engine/'),
      (imported) => isOurs(imported) || imported.startsWith('node:'),
    ),
    [],
  );
});

test('HTTP knows neither engine nor store nor services', async (t) => {
  const allowed = (imported: string) => !isOurs(imported) || imported.startsWith('http/') || PORT.includes(imported);
  t.same(
    breaches((path) => path.startsWith('http/'), allowed),
    [],
  );
});

test('the port of the store knows nothing', async (t) => {
  t.same(
    breaches(
      (path) => PORT.includes(path),
      (imported) => PORT.includes(imported),
    ),
    [],
  );
});

test('a store knows the port and its own folder', async (t) => {
  const allowed = (imported: string, importer: string) =>
    !isOurs(imported) || PORT.includes(imported) || dirname(imported) === dirname(importer);
  t.same(
    breaches((path) => path.startsWith('store/') && !PORT.includes(path), allowed),
    [],
  );
});

test('a service knows engine, writes, HTTP and the port of the store, and no other service', async (t) => {
  const allowed = (imported: string, importer: string) =>
    !isOurs(imported) ||
    /^(engine|writes|http)\//.test(imported) ||
    PORT.includes(imported) ||
    service(imported) === service(importer);
  t.same(
    breaches((path) => path.startsWith('services/'), allowed),
    [],
  );
});

test('what all writes share knows engine, HTTP and the port of the store, and no service', async (t) => {
  const allowed = (imported: string) => !isOurs(imported) || /^(engine|writes|http)\//.test(imported) || PORT.includes(imported);
  t.same(
    breaches((path) => path.startsWith('writes/'), allowed),
    [],
  );
});

test('no service knows a transport', async (t) => {
  t.same(
    breaches(
      (path) => path.startsWith('services/'),
      (imported) => !/transport/.test(imported),
    ),
    [],
  );
});

test('only the composition root and the command line know what stores there are', async (t) => {
  const mayKnow = (path: string) => path === 'composition.ts' || path.startsWith('cli/') || path.startsWith('store/sqlite/');
  t.same(
    breaches(
      (path) => !mayKnow(path),
      (imported) => !imported.startsWith('store/sqlite/'),
    ),
    [],
  );
});

test('nothing imports the command line, and only it and the public face import the server', async (t) => {
  t.same(
    breaches(
      (path) => !path.startsWith('cli/'),
      (imported) => !imported.startsWith('cli/'),
    ),
    [],
  );
  const mayStart = (path: string) => path.startsWith('cli/') || path === 'index.ts';
  t.same(
    breaches(
      (path) => !mayStart(path),
      (imported) => imported !== 'server.ts' && imported !== 'index.ts',
    ),
    [],
  );
});

test('SQLite is known in store/sqlite alone', async (t) => {
  t.same(
    breaches(
      (path) => !path.startsWith('store/sqlite/'),
      (imported) => imported !== 'better-sqlite3',
    ),
    [],
  );
});

test('uWebSockets.js is known in its transport alone, and node:http in the folder http', async (t) => {
  t.same(
    breaches(
      (path) => path !== 'http/uws-transport.ts',
      (imported) => imported !== 'uWebSockets.js',
    ),
    [],
  );
  t.same(
    breaches(
      (path) => !path.startsWith('http/'),
      (imported) => !/^node:https?$/.test(imported),
    ),
    [],
  );
});

test('no imports go in a circle', async (t) => {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports.filter(isOurs)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    else if (!done.has(path)) for (const imported of importsOf.get(path) ?? []) visit(imported, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  t.same(circles, []);
});

test('files are named by what they are', async (t) => {
  const vague = /^(utils?|helpers?|common|misc|shared|stuff)\b/;
  t.same(
    sources.map(({ path }) => path).filter((path) => path.split('/').some((part) => vague.test(part))),
    [],
  );
  t.same(
    sources.map(({ path }) => path).filter((path) => basename(path) === 'index.ts' && path !== 'index.ts'),
    [],
  );
  t.same(
    sources.map(({ path }) => path).filter((path) => !/^[a-z0-9/-]+\.ts$/.test(path)),
    [],
  );
});

test(`no file has more than ${LINES_MAX} lines`, async (t) => {
  t.same(
    sources.filter(({ lines }) => lines > LINES_MAX).map(({ path, lines }) => `${path}: ${lines}`),
    [],
  );
});
