import type { Row, Table } from '../comparison.js';
import { autocannonPoints, labLoad } from '../loads/autocannon.js';
import { duringTick } from '../loads/during-tick.js';
import { siege } from '../loads/siege.js';
import { WRK } from '../loads/wrk.js';
import { CPU, P99, PER_S, valuesOf } from '../quantities.js';
import { figure } from '../results.js';
import * as servers from '../servers.js';
import { DURABILITY, FLOOR, GUARDED, MEMORY, reading } from './contestants.js';
import { ratio } from './ratio.js';

const POINTS_REQUESTS = 10_000;

/** A use of 200 ms in place of the exercise's 500: 12 s are long enough. */
const LAB_DELAY_MS = 200;
const LAB_CONNECTIONS = 50;

/** What serial can't be faster than: the connections never stand still. */
const LAB_IDEAL_PER_S = LAB_CONNECTIONS / (LAB_DELAY_MS / 1_000);

const UNKNOWN = { p50: null, p99: null, failed: null } as const;

/** The systems that this one grew out of: each with the load that its figure was published with. */
export function seedTables({ users, labRequests }: { users: number; labRequests: number }): Table[] {
  const points = reading({ name: '', durability: '', start: () => servers.points(users) });
  const lab = { durability: DURABILITY.none, start: () => servers.lab(LAB_DELAY_MS) };
  return [
    {
      title: 'Increments, as published: siege',
      what: 'POST /increment of the 1000 addresses in bench/siege/urls.txt, a connection for each request.',
      connections: 200,
      published: { what: 'published: the Elixir system, siege -c 200 -i -t 20S', perS: 767.5, ...UNKNOWN, failed: 0 },
      rows: [
        { ...FLOOR, load: siege },
        { ...MEMORY, load: siege },
      ],
    },
    {
      title: 'Accounts, as published: wrk -t10 -c400',
      what: 'GET /user/ with the header Authorization: xyz.',
      connections: 400,
      published: { what: 'published: the Elixir system, wrk -t10 -c400 -d30s', perS: 5_802.36, ...UNKNOWN },
      rows: [
        { ...reading(FLOOR), load: WRK.userPublished },
        { ...reading(GUARDED), load: WRK.userPublished },
      ],
    },
    {
      title: `Points, as published: ${POINTS_REQUESTS} requests`,
      what: `GET /points of ${users} users, and a tick meanwhile, driven by autocannon.`,
      connections: 100,
      published: {
        what: `published: the Elixir system, ab -k -n ${POINTS_REQUESTS} -c 100`,
        perS: 200.92,
        p50: 439,
        p99: 1_462,
        failed: 1_634,
      },
      rows: [
        { ...reading(FLOOR), load: autocannonPoints(POINTS_REQUESTS) },
        { ...points, name: 'incrementer, between ticks', load: autocannonPoints(POINTS_REQUESTS) },
        { ...points, name: 'incrementer, during a tick', load: duringTick(autocannonPoints(POINTS_REQUESTS)) },
      ],
      figures: ([, between, during]) => [ratio('p99 during a tick, of that between ticks', P99, during, between, 'at most 2')],
    },
    {
      title: `The load lab: ${labRequests} requests`,
      what: `GET /part1/serial and /part1/async, ${LAB_DELAY_MS} ms a use, driven by autocannon.`,
      connections: LAB_CONNECTIONS,
      published: { what: 'published: no figure', perS: null, ...UNKNOWN },
      rows: [
        { ...lab, name: 'incrementer, serial', load: labLoad('serial', labRequests) },
        { ...lab, name: 'incrementer, async', load: labLoad('async', labRequests) },
      ],
      figures: ([serial, async]) => [
        figure(
          `the time that serial takes, of the ideal (${LAB_IDEAL_PER_S} requests/s)`,
          valuesOf(serial, PER_S).map((perS) => LAB_IDEAL_PER_S / perS),
          'times',
          'at most 1.05',
        ),
        ratio('requests/s of async, of those of serial', PER_S, async, serial, 'at least 50'),
      ],
    },
  ];
}

/** The same routes with one thread of wrk, to be compared with the floor. */
export function routeTables({ users }: { users: number }): Table[] {
  const rows = (server: Omit<Row, 'load'>, load: Row['load']): Row[] => [
    { ...reading(FLOOR), load },
    { ...reading(server), load },
  ];
  return [
    {
      title: 'GET /user/ with a token',
      what: 'Driven by one thread of wrk.',
      connections: 400,
      rows: rows(GUARDED, WRK.user),
      figures: ([floor, own]) => [ratio("server CPU, of the floor's", CPU, own, floor, 'at most 1.2')],
    },
    {
      title: `GET /points of ${users} users`,
      what: 'Driven by one thread of wrk.',
      connections: 100,
      rows: rows({ ...MEMORY, start: () => servers.points(users) }, WRK.points),
      figures: ([floor, own]) => [ratio("server CPU, of the floor's", CPU, own, floor, 'at most 1.3')],
    },
  ];
}
