import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Copy, DockerfileParser, type Instruction, type JSONInstruction } from 'dockerfile-ast';
import { ValidationSeverity, validate } from 'dockerfile-utils';
import { type Test, test } from 'tap';
import { type Exit, NodeProcess, ROOT } from '../node-process.js';
import { configOf, deployed, guardedServer, PORT, TLS } from './deployed.js';

const text = deployed('Dockerfile');
const instructions = DockerfileParser.parse(text).getInstructions();

function all(keyword: string): Instruction[] {
  return instructions.filter((instruction) => instruction.getKeyword() === keyword);
}

function argumentsOf(instruction: Instruction): string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}

/** The arguments of the only instruction of a kind. */
function only(keyword: string): string[] {
  const [instruction, ...others] = all(keyword);
  if (instruction === undefined || others.length > 0)
    throw new Error(`${keyword} is there ${others.length} times more than once`);
  return argumentsOf(instruction);
}

/** A command in the form that needs no shell. */
function execForm(keyword: 'ENTRYPOINT' | 'CMD'): string[] {
  const [instruction] = all(keyword) as JSONInstruction[];
  return instruction?.getJSONStrings().map((string) => string.getJSONValue()) ?? [];
}

const environment = new Map(
  all('ENV')
    .flatMap(argumentsOf)
    .map((pair) => pair.split('=') as [string, string]),
);
const options = new Map([...environment].filter(([name]) => name.startsWith('INCREMENTER_')));

test('the linter finds nothing', async (t) => {
  const strict = {
    deprecatedMaintainer: ValidationSeverity.ERROR,
    directiveCasing: ValidationSeverity.ERROR,
    emptyContinuationLine: ValidationSeverity.ERROR,
    instructionCasing: ValidationSeverity.ERROR,
    instructionCmdMultiple: ValidationSeverity.ERROR,
    instructionEntrypointMultiple: ValidationSeverity.ERROR,
    instructionHealthcheckMultiple: ValidationSeverity.ERROR,
    instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
    instructionWorkdirRelative: ValidationSeverity.ERROR,
  };
  const found = (text: string) => validate(text, strict).map(({ message }) => message);
  t.same(found(text), []);
  t.not(found(`${text}\nWORKDIR app`).length, 0, 'it finds what is wrong');
});

test('the image is of a pinned release of Node on glibc, and takes over no more than it has to', async (t) => {
  const [base, ...stages] = all('FROM').map(argumentsOf);
  t.match(base?.[0], /^node:(20|22)-bookworm-slim$/, 'uWebSockets.js has binaries for it');
  t.ok(stages.length > 0);
  for (const [from] of stages) t.equal(from, 'base');
  t.same(all('ADD'), []);
  for (const run of all('RUN')) {
    const command = run.getRawArgumentsContent() ?? '';
    if (command.includes('apt-get install')) t.match(command, /--no-install-recommends.*rm -rf \/var\/lib\/apt\/lists\/\*$/s);
  }
});

test('the server in it is not root, asks for a token, can be reached, and keeps its file in the volume', async (t) => {
  const config = configOf(execForm('CMD'), options);
  t.same(execForm('ENTRYPOINT'), ['incrementer']);
  t.equal(config.host, '0.0.0.0');
  t.equal(config.auth, 'required');
  t.same(only('VOLUME'), [dirname(config.db)]);
  t.same(only('EXPOSE'), [String(config.port)]);
  t.equal(config.port, PORT);
  t.same(only('STOPSIGNAL'), ['SIGTERM']);
  t.match(only('USER')[0], /^[1-9]\d*:[1-9]\d*$/);
});

test('what is copied into it exists, and nothing else is sent to the builder', async (t) => {
  const copies = (all('COPY') as Copy[]).filter((copy) => copy.getFromFlag() === null);
  const copied = new Set(copies.flatMap((copy) => argumentsOf(copy).slice(0, -1)));
  for (const path of copied) t.ok(existsSync(join(ROOT, path)), path);
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  t.equal(lines[0], '*');
  t.same(new Set(lines.slice(1)), new Set([...copied].map((path) => `!${path}`)));
});

/** Runs the health check, with the environment that the server in its container has. */
function checkHealth(t: Test, env: Record<string, string>): Promise<Exit> {
  // The builder joins lines before it reads the command.
  const content = all('HEALTHCHECK')[0]?.getRawArgumentsContent()?.replaceAll('\\\n', '') ?? '';
  const [program, ...args] = JSON.parse(/CMD (\[.*\])$/.exec(content)?.[1] ?? '[]') as string[];
  t.equal(program, 'node');
  return new NodeProcess(t, args, { env }).exit;
}

for (const [scheme, files] of [
  ['HTTP', {}],
  ['HTTPS', TLS],
] as const) {
  test(`the health check passes where a server answers over ${scheme}, and only there`, async (t) => {
    const server = await guardedServer(t, files);
    const env = { ...files, INCREMENTER_PORT: `${server.port}` };
    t.same(await checkHealth(t, env), { code: 0, signal: null });
    server.signal('SIGTERM');
    await server.exit;
    t.same(await checkHealth(t, env), { code: 1, signal: null });
  });
}

test('what the image is built of is enough to build it', async (t) => {
  const folder = t.testdir({});
  const stages = instructions.filter((instruction) => instruction.getKeyword() === 'FROM');
  const end = stages.at(-1)?.getRange().start.line ?? 0;
  const copies = (all('COPY') as Copy[]).filter((copy) => copy.getRange().start.line < end).map(argumentsOf);
  t.ok(copies.length > 1, `${copies.length} copies`);
  const kept = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  for (const path of copies.flatMap((paths) => paths.slice(0, -1))) {
    t.ok(kept.includes(`!${path}`), `.dockerignore lets ${path} in`);
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const built = spawnSync('npm', ['run', 'build'], { cwd: folder, encoding: 'utf8' });
  t.equal(built.status, 0, built.stdout + built.stderr);
  for (const path of ['dist/cli/main.js', 'dist/web/dashboard/index.html', 'dist/web/doc/swagger-ui.css']) {
    t.ok(existsSync(join(folder, path)), path);
  }
});
