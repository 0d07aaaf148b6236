import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { OPTIONS } from '../../dist/config.js';
import { ROOT } from '../node-process.js';
import { configOf, deployed, guardedServer, PORT } from './deployed.js';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Service {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: unknown;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
  };
}

interface StatefulSet {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly labels: unknown };
      readonly spec: {
        readonly enableServiceLinks: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly [Container];
      };
    };
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[];
  };
}

const documents = parseAllDocuments(deployed('kubernetes.yaml')).map((document) => document.toJS() as unknown);
const [service, { spec: set }] = documents as [Service, StatefulSet];
const pod = set.template.spec;
const [container] = pod.containers;

test('there is one server, as one process owns the file', async (t) => {
  t.equal(documents.length, 2);
  t.equal(set.replicas, 1);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  t.equal(container.image, `incrementer:${version}`);
});

test('the Service leads to the port of the server', async (t) => {
  t.same(service.spec.selector, set.template.metadata.labels);
  const [{ port, targetPort } = {}] = service.spec.ports;
  t.equal(port, PORT);
  t.same(container.ports, [{ name: targetPort, containerPort: configOf(container.args).port }]);
});

test('the variables that a cluster makes of its Services are not taken for options', async (t) => {
  const links = Object.values(OPTIONS).filter(({ variable }) => variable === `${service.metadata.name.toUpperCase()}_PORT`);
  t.equal(links.length, 1, 'one would be');
  t.equal(pod.enableServiceLinks, false, 'there are none');
});

test('the volume is where the image has its file', async (t) => {
  const [, path] = /^VOLUME (.*)$/m.exec(deployed('Dockerfile')) ?? [];
  const mounts = container.volumeMounts.filter(({ mountPath }) => mountPath === path);
  t.same(
    mounts.map(({ name }) => name),
    set.volumeClaimTemplates.map(({ metadata }) => metadata.name),
  );
  t.equal(mounts.length, 1);
});

test('every probe asks for what a server tells without a token', async (t) => {
  const server = await guardedServer(t);
  const { startupProbe, readinessProbe, livenessProbe } = container;
  for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe]) {
    t.equal((await server.get(httpGet.path)).status, 200, httpGet.path);
    t.equal(httpGet.port, container.ports[0]?.name);
  }
  t.equal(livenessProbe.httpGet.path, '/healthz', 'a failing store is no reason to restart');
  t.equal(readinessProbe.httpGet.path, '/readyz');
});

test('a stop has more time than it may take', async (t) => {
  const { command } = container.lifecycle.preStop.exec;
  t.equal(command[0], 'sleep');
  const stopS = Number(command[1]) + configOf(container.args).stopTimeout / 1_000;
  t.ok(pod.terminationGracePeriodSeconds > stopS, `${pod.terminationGracePeriodSeconds} > ${stopS}`);
});

test('the pod has no more rights than it needs, and is the user that owns the file in the image', async (t) => {
  const [, user] = /^USER (\d+):/m.exec(deployed('Dockerfile')) ?? [];
  t.match(pod.securityContext, { runAsNonRoot: true, runAsUser: Number(user), fsGroup: Number(user) });
  t.same(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});
