import type { Reply } from '../contract/wire.js';
import type { Model } from './model.js';
import { confirm, difference, type Said } from './said.js';
import type { Span } from './span.js';
import type { Step } from './steps/step.js';

/** What the server was asked, and its answer. */
export interface Asked {
  readonly step: Step;
  readonly reply: Reply;
}

/**
 * Does with the model what the server was asked: all that at the same time, in whatever order fits.
 *
 * @param moment when the first of it was asked, and when the last answer was there.
 * @returns whether a counter may have ended meanwhile.
 * @throws Error where the model can't come to the same replies.
 */
export function meet(model: Model, asked: readonly Asked[], moment: Span): boolean {
  const ways = model.ways(moment);
  let fault: string | undefined;
  for (const way of ways) {
    for (const order of orders(asked)) {
      const mark = model.timeline.mark();
      model.assume(moment, way);
      const found = answer(model, order);
      if (found.fault === undefined) {
        model.settle();
        for (const { reply, said } of found.answers) accept(model, reply, said);
        return ways.some(({ over }) => over !== way.over);
      }
      model.timeline.goBack(mark);
      fault ??= found.fault;
    }
  }
  throw new Error(asked.length === 1 ? fault : `${fault}\nin this order, and none fits:\n${asked.map(shown).join('\n')}`);
}

interface Answered {
  readonly reply: Reply;
  readonly said: Said;
}

/** The model's answers, as far as they are the server's. */
function answer(model: Model, asked: readonly Asked[]): { answers: Answered[]; fault?: string } {
  const answers: Answered[] = [];
  for (const { step, reply } of asked) {
    const said = step.run(model);
    const different = difference(reply, said);
    if (different !== undefined) return { answers, fault: `${JSON.stringify(step.bytes)} ${different}` };
    answers.push({ reply, said });
  }
  return { answers };
}

function accept(model: Model, reply: Reply, said: Said): void {
  confirm(reply, said);
  if ('durableSeq' in said) model.onDisk(said.durableSeq ?? 0);
}

function* orders<T>(list: readonly T[]): Generator<readonly T[]> {
  if (list.length <= 1) yield list;
  else {
    for (const [i, first] of list.entries()) {
      for (const rest of orders(list.toSpliced(i, 1))) yield [first, ...rest];
    }
  }
}

function shown({ step, reply }: Asked): string {
  return `${JSON.stringify(step.bytes)} got ${reply.status} ${reply.body}`;
}

/** Does with the model what the server was asked in vain: it may have done it, and nothing can have ended meanwhile. */
export function meetUnanswered(model: Model, step: Step, moment: Span): void {
  model.assume(moment, { taken: 0, over: 0 });
  step.run(model);
}
