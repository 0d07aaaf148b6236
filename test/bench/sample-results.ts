import type { Results, Trial } from '../../dist/bench/results.js';

export const TRIAL: Trial = {
  requests: 100_000,
  seconds: 1,
  failed: 0,
  p50: 0.5,
  p99: 2,
  p999: 3,
  cpuMicros: 8,
  serverCores: 0.8,
  generatorCores: 0.5,
  otherCores: 0,
};

const ROW = { command: 'wrk -c100', durability: 'none', generatorThreads: 1, missing: null };

/** Two trials of a floor and of a server, and a server that is not installed. */
export const RESULTS: Results = {
  format: 2,
  date: '2026-11-21T17:32:02.247Z',
  version: '0.4.0',
  commit: 'f8cf4dc',
  options: { trials: 2 },
  machine: { cpu: 'AMD EPYC', cores: 2, kernel: 'Linux 6.18', load: 0.5, versions: { Node: '20.20.2', siege: null } },
  tables: [
    {
      title: 'Increments in memory',
      what: 'One for each request.',
      unit: 'requests',
      connections: 100,
      seconds: 2,
      published: { what: 'published', perS: 767.5, p50: null, p99: null, failed: 1_634 },
      rows: [
        { ...ROW, name: 'floor', trials: [TRIAL, { ...TRIAL, requests: 50_000, generatorCores: 0.95 }] },
        {
          ...ROW,
          name: 'incrementer',
          trials: [
            { ...TRIAL, requests: 80_000, cpuMicros: 10, p999: null, generatorCores: 0.95 },
            { ...TRIAL, requests: 40_000, cpuMicros: 10, p999: null, generatorCores: 0.95, failed: 3 },
          ],
        },
        { ...ROW, name: 'Webdis', trials: [], missing: 'webdis' },
      ],
    },
  ],
  groups: [
    { title: 'A drain', figures: [{ name: 'longest pause', values: [1.234, 0.9, 4], unit: 'ms', toReach: 'under 10 ms' }] },
  ],
};
