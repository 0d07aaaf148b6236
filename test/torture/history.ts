import { type Action, mayBeIdle } from './action.js';
import { act, mayBe, type Outcome, type Said, type Span, textOf, told, type World } from './counter-model.js';

/** An action with a reply, and so with a place among the others. */
export interface Known {
  readonly action: Action;
  readonly reply: Said;
  /** When it was done, by the time of day. */
  readonly at: Span;
  readonly ackedMs: number;
}

/** An action without a reply: it may have been done, at any place after the replies that came before it was sent. */
export interface Loose {
  readonly action: Action;
  readonly at: Span;
  readonly sentMs: number;
  /** It is not on disk for certain. */
  readonly isLost: boolean;
}

/** What happened to some counters from one crash to the next. */
export interface History {
  readonly before: World;
  readonly known: readonly Known[];
  readonly loose: readonly Loose[];
  /** What is on disk: up to which number, and until when it was written to. */
  readonly disk: World;
  readonly diskSeq: number;
  readonly untilMs: number;
}

export interface Explanation {
  /** What no order of the actions explains, if there is such a thing. */
  readonly fault: string | undefined;
  /** Those that were answered and may have changed nothing. */
  readonly idle: ReadonlySet<Known>;
}

/** Where an order of actions has got to. `used`: the loose ones that are in it, as bits. */
interface Path {
  readonly used: number;
  readonly world: World;
}

/** More than this and the clients have to be told to collide less. */
const PATHS_MAX = 100_000;

/**
 * Looks for an order of actions that explains every reply and what is on disk:
 *
 *     before | known, there … | disk | known, lost …        loose ones anywhere from where they were sent
 *
 * It follows all orders at a time. A reply says what the counter was, so that few of them remain.
 */
export function explain({ before, known, loose, disk, diskSeq, untilMs }: History): Explanation {
  const steps = stepsOf(known);
  const there = steps.findLastIndex(([first]) => (first as Known).reply.seq <= diskSeq) + 1;
  const earliest = loose.map((each) => (each.isLost ? Math.max(there, placeOf(each, steps)) : placeOf(each, steps)));
  const idle = new Set<Known>();
  let paths: Path[] = [{ used: 0, world: before }];
  for (let i = 0; i <= steps.length; i++) {
    if (i === there) {
      const mayCome = loose.map(({ isLost }, j) => !isLost && (earliest[j] as number) <= i);
      const worlds = spread(paths, loose, mayCome);
      paths = pathsOf(worlds.filter(({ world }) => mayBe(world, disk, untilMs)).map(({ used }) => ({ used, world: disk })));
      if (paths.length === 0) return { fault: `on disk is ${textOf(disk)}, and could be ${textsOf(worlds)}`, idle };
    }
    const mayCome = earliest.map((place) => place <= i);
    const worlds = spread(paths, loose, mayCome);
    const step = steps[i];
    if (step === undefined) break;
    const next = followStep(worlds, step);
    if (next.paths.length === 0) {
      const answers = step.map(({ action, reply }) => `${JSON.stringify(action)} was answered ${JSON.stringify(reply)}`);
      return { fault: `${answers.join(', ')}, and before it there could be ${textsOf(worlds)}`, idle };
    }
    paths = next.paths;
    for (const each of next.idle) idle.add(each);
  }
  return { fault: undefined, idle };
}

/** Those with the same number at one place: one of them may have written, and the others have changed nothing. */
function stepsOf(known: readonly Known[]): Known[][] {
  const steps = new Map<number, Known[]>();
  for (const each of known) {
    const step = steps.get(each.reply.seq);
    if (step === undefined) steps.set(each.reply.seq, [each]);
    else step.push(each);
  }
  return [...steps].sort(([a], [b]) => a - b).map(([, step]) => step);
}

/** Behind how many steps an action was done for certain: those that were answered before it was sent. */
function placeOf({ sentMs }: Loose, steps: readonly (readonly Known[])[]): number {
  return steps.findLastIndex((step) => step.some(({ ackedMs }) => ackedMs < sentMs)) + 1;
}

/** The paths after a step, and who may have changed nothing. */
function followStep(paths: readonly Path[], step: readonly Known[]): { paths: Path[]; idle: ReadonlySet<Known> } {
  const after: Path[] = [];
  const idle = new Set<Known>();
  const writers = step.filter(({ action }) => !mayBeIdle(action));
  for (const first of writers.length > 0 ? writers : step) {
    const others = step.filter((each) => each !== first);
    const next = others.reduce((each, known) => follow(each, known, isIdle), follow(paths, first));
    if (next.length === 0) continue;
    for (const each of others) idle.add(each);
    if (follow(paths, first, isIdle).length > 0) idle.add(first);
    after.push(...next);
  }
  return { paths: pathsOf(after), idle };
}

function isIdle(outcome: Outcome): boolean {
  return outcome.isIdle === true;
}

/** The paths after an action: those on which it comes to what it was answered, and to what is wanted. */
function follow(paths: readonly Path[], { action, reply, at }: Known, isWanted = (_outcome: Outcome) => true): Path[] {
  const after: Path[] = [];
  for (const { used, world } of paths) {
    for (const outcome of act(world, action, at)) {
      const next = isWanted(outcome) ? told(outcome, reply, at) : undefined;
      if (next !== undefined) after.push({ used, world: next });
    }
  }
  return after;
}

/** The paths, and those with any of the loose actions that may come, in any order. */
function spread(paths: readonly Path[], loose: readonly Loose[], mayCome: readonly boolean[]): readonly Path[] {
  if (!mayCome.includes(true)) return paths;
  const known = new Map(paths.map((path) => [nameOf(path), path]));
  // A Map shows what is put in while it is gone through.
  for (const { used, world } of known.values()) {
    for (const [j, { action, at }] of loose.entries()) {
      if (!mayCome[j] || used & (1 << j)) continue;
      for (const outcome of act(world, action, at)) {
        const path = { used: used | (1 << j), world: outcome.world };
        known.set(nameOf(path), path);
      }
    }
    if (known.size > PATHS_MAX) throw new Error(`more than ${PATHS_MAX} orders of ${JSON.stringify(loose)}`);
  }
  return [...known.values()];
}

/** Each path once. */
function pathsOf(paths: readonly Path[]): Path[] {
  return paths.length < 2 ? [...paths] : [...new Map(paths.map((path) => [nameOf(path), path])).values()];
}

function nameOf({ used, world }: Path): string {
  return `${used} ${textOf(world)}`;
}

const TEXTS_MAX = 4;

function textsOf(paths: readonly Path[]): string {
  const texts = [...new Set(paths.map(({ world }) => textOf(world)))];
  return `${texts.slice(0, TEXTS_MAX).join(' or ')}${texts.length > TEXTS_MAX ? ` or ${texts.length - TEXTS_MAX} others` : ''}`;
}
