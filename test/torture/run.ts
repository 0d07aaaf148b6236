import { parseArgs } from 'node:util';
import { Folder } from './medium.js';
import { Random } from './random.js';
import { TornDisk } from './torn-disk.js';
import { Torture } from './torture.js';

const ROUNDS_PER_FILE = 25;
const IMAGES_PER_ROUND = 10;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Random.seedFrom(process.env) : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed))
  throw new RangeError('--minutes takes a number above 0, --seed a whole number');

console.log(`${minutes} minutes with --seed ${seed}`);
const random = new Random(seed);
const tortures = [
  ['kill -9', new Torture(new Folder(), random)],
  ['power cut', new Torture(new TornDisk(random, IMAGES_PER_ROUND), random)],
] as const;
let isViolated = false;
for (const startMs = performance.now(); performance.now() - startMs < minutes * 60_000 && !isViolated; ) {
  for (const [name, torture] of tortures) {
    const accounts = await torture.file(ROUNDS_PER_FILE);
    const { violations, ...figures } = torture.report;
    console.log(name);
    console.table(Object.fromEntries(accounts));
    console.log(figures);
    for (const violation of violations) console.log(`VIOLATION ${violation}`);
    isViolated ||= violations.length > 0;
  }
}
console.log(isViolated ? `violated, with --seed ${seed}` : 'every key is as it has to be');
process.exitCode = isViolated ? 1 : 0;
