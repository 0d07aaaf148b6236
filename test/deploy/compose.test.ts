import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { parse } from 'yaml';
import { readConfig } from '../../dist/config.js';
import { ROOT } from '../node-process.js';
import { deployed, PORT } from './deployed.js';

interface Compose {
  readonly services: {
    readonly incrementer: {
      readonly build: { readonly context: string; readonly dockerfile: string };
      readonly ports: readonly string[];
      readonly volumes: readonly string[];
      readonly stop_grace_period: string;
      readonly read_only: boolean;
      readonly cap_drop: readonly string[];
    };
  };
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(deployed('docker-compose.yml')) as Compose;
const { incrementer } = compose.services;

test('it builds the Dockerfile from the root of the project', async (t) => {
  const context = join(ROOT, 'deploy', incrementer.build.context);
  t.ok(existsSync(join(context, 'package.json')));
  t.ok(existsSync(join(context, incrementer.build.dockerfile)));
});

test('this machine alone reaches the server, and the file is in a volume that outlives it', async (t) => {
  t.same(incrementer.ports, [`127.0.0.1:${PORT}:${PORT}`]);
  const [, path] = /^VOLUME (.*)$/m.exec(deployed('Dockerfile')) ?? [];
  t.same(incrementer.volumes, [`numbers:${path}`]);
  t.ok('numbers' in compose.volumes);
  t.equal(incrementer.read_only, true);
  t.same(incrementer.cap_drop, ['ALL']);
});

test('a stop has more time than it may take', async (t) => {
  const graceMs = Number(/^(\d+)s$/.exec(incrementer.stop_grace_period)?.[1]) * 1_000;
  t.ok(graceMs > readConfig({}).stopTimeout, incrementer.stop_grace_period);
});
