import type { RowResult, Trial } from './results.js';

/** What can stand in the way of a trial, beside the server itself. */
export type Limit = 'generator-limited' | 'all cores busy' | 'others at work';

/** From here on the generator's threads have no more to give: the server may be faster than what was measured. */
const FULL = 0.9;

/** Above this, what else runs on the machine is worth a word. */
const NOTICED_CORES = 0.2;

/** What stood in the way of most of the trials; empty where nothing did. */
export function limits({ trials, generatorThreads }: Pick<RowResult, 'trials' | 'generatorThreads'>, cores: number): Limit[] {
  const found = trials.flatMap((trial) => limitsOf(trial, generatorThreads, cores));
  return [...new Set(found)].filter((limit) => found.filter((each) => each === limit).length * 2 > trials.length);
}

function limitsOf({ serverCores, generatorCores, otherCores }: Trial, generatorThreads: number, cores: number): Limit[] {
  const found: Limit[] = [];
  const [server, generator, other] = [serverCores ?? 0, generatorCores ?? 0, otherCores ?? 0];
  if (generator >= FULL * Math.min(generatorThreads, cores)) found.push('generator-limited');
  else if (server + generator + other >= FULL * cores) found.push('all cores busy');
  if (other >= NOTICED_CORES) found.push('others at work');
  return found;
}
