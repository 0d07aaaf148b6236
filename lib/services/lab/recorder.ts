import type { Lab } from './lab.js';
import type { RunFigures } from './run.js';

/** How often what goes on is looked at, and told. */
export const TICK_MS = 100;

/** How much of the past is kept. */
const HISTORY_MS = 60_000;

/** The most at the same time within a tick. */
export interface Sample {
  /** When the tick ended, in milliseconds since 1970. */
  readonly at: number;
  /** Uses of the resource. */
  readonly uses: number;
  /** Callers who waited for a reply. */
  readonly waiting: number;
}

/** What has changed with a tick; what has not is left out. */
export interface Change {
  readonly samples?: readonly Sample[];
  readonly serial?: RunFigures;
  readonly async?: RunFigures;
}

/** Keeps the last minute of the lab, and finds what has changed since it last looked. Where nothing goes on, it keeps nothing. */
export class Recorder {
  readonly #lab: Lab;
  readonly #wallMs: () => number;
  readonly #samples: Sample[] = [];
  #runs: Lab['runs'];

  /** @param wallMs the time of day, in milliseconds since 1970. */
  constructor(lab: Lab, wallMs: () => number) {
    this.#lab = lab;
    this.#wallMs = wallMs;
    this.#runs = lab.runs;
  }

  /** Everything as of the last tick. */
  get state(): Required<Change> {
    return { samples: this.#samples, ...this.#runs };
  }

  /** To be called at each tick. @returns `undefined` where nothing has changed. */
  tick(): Change | undefined {
    const samples = this.#sample();
    const runs = this.#lab.runs;
    const change: Change = {
      ...(samples.length > 0 ? { samples } : {}),
      ...(isSame(runs.serial, this.#runs.serial) ? {} : { serial: runs.serial }),
      ...(isSame(runs.async, this.#runs.async) ? {} : { async: runs.async }),
    };
    this.#runs = runs;
    return Object.keys(change).length === 0 ? undefined : change;
  }

  #sample(): Sample[] {
    const at = this.#wallMs();
    const { uses, waiting } = this.#lab.takeMost();
    const all = this.#samples;
    while (all.length > 0 && (all[0] as Sample).at < at - HISTORY_MS) all.shift();
    const last = all.at(-1);
    const wasIdle = last === undefined || (last.uses === 0 && last.waiting === 0);
    if (wasIdle && uses === 0 && waiting === 0) return [];
    const sample = { at, uses, waiting };
    // A time of which nothing was kept ends where something begins: a line is not to rise all through it.
    const added = wasIdle ? [{ at: at - TICK_MS, uses: 0, waiting: 0 }, sample] : [sample];
    all.push(...added);
    return added;
  }
}

function isSame(a: RunFigures, b: RunFigures): boolean {
  return (Object.keys(a) as (keyof RunFigures)[]).every((name) => a[name] === b[name]);
}
