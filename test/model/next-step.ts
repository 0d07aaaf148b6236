import type { Random } from '../torture/random.js';
import type { Model } from './model.js';
import { batchStep } from './steps/batches.js';
import { incrementStep } from './steps/increments.js';
import { pageStep, sumStep, topStep } from './steps/lists.js';
import { namedStep, readStep } from './steps/reads.js';
import { refusedStep } from './steps/refused.js';
import { deletionStep, settingStep } from './steps/settings.js';
import { reportStep, sourcesStep } from './steps/sources.js';
import type { Step } from './steps/step.js';

type Maker = (random: Random, model: Model, number: number) => Step;
type Makers = readonly (readonly [parts: number, make: Maker])[];

/** How often which write is made, in parts of their sum. */
const WRITES: Makers = [
  [50, incrementStep],
  [8, settingStep],
  [8, deletionStep],
  [12, reportStep],
  [8, batchStep],
];

const READS: Makers = [
  [10, readStep],
  [3, sourcesStep],
  [3, namedStep],
  [4, pageStep],
  [2, topStep],
  [2, sumStep],
  [5, refusedStep],
];

const STEPS: Makers = [...WRITES, ...READS];

/** The kinds of steps that there are. */
export const KINDS = [
  'increment',
  'limited increment',
  'set',
  'delete',
  'report',
  'batch',
  'read',
  'sources',
  'named',
  'page',
  'top',
  'sum',
  'refused',
];

/** @param number of the step in the run. */
export function nextStep(random: Random, model: Model, number: number): Step {
  return choose(random, STEPS)(random, model, number);
}

export function nextWrite(random: Random, model: Model, number: number): Step {
  return choose(random, WRITES)(random, model, number);
}

export function nextRead(random: Random, model: Model, number: number): Step {
  return choose(random, READS)(random, model, number);
}

function choose(random: Random, makers: Makers): Maker {
  let dice = random.fraction() * makers.reduce((sum, [parts]) => sum + parts, 0);
  for (const [parts, make] of makers) {
    dice -= parts;
    if (dice < 0) return make;
  }
  throw new Error('the parts are more than their sum');
}
