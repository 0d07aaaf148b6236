import { Problem } from '../../http/problem.js';
import { Run, type RunFigures } from './run.js';
import type { SlowResource } from './slow-resource.js';

/** The uses that there can be at the same time, whatever is asked for: each takes about 230 bytes. */
export const USES_MAX = 100_000;

export interface LabOptions {
  readonly resource: SlowResource;
  /** Uses at the same time at the most; 0 for USES_MAX. The resource has the same. */
  readonly limit: number;
  readonly nowMs: () => number;
}

/** The experiment: one slow resource, and two ways to use it for a request. */
export class Lab {
  readonly #resource: SlowResource;
  readonly #limit: number;
  readonly #nowMs: () => number;
  readonly #serial: Run;
  readonly #async: Run;
  #mostWaiting = 0;

  constructor({ resource, limit, nowMs }: LabOptions) {
    this.#resource = resource;
    this.#limit = limit;
    this.#nowMs = nowMs;
    this.#serial = new Run(nowMs);
    this.#async = new Run(nowMs);
  }

  get uses(): number {
    return this.#resource.uses;
  }

  get runs(): { readonly serial: RunFigures; readonly async: RunFigures } {
    return { serial: this.#serial.figures(), async: this.#async.figures() };
  }

  /** The most uses, and the most callers that waited, at the same time since this was last asked. */
  takeMost(): { readonly uses: number; readonly waiting: number } {
    const waiting = this.#mostWaiting;
    this.#mostWaiting = this.#serial.waiting;
    return { uses: this.#resource.takeMost(), waiting };
  }

  /** Calls back when the use that the request begins is over; or says why it can't begin. */
  serial(onOver: () => void): Problem | undefined {
    const cameMs = this.#nowMs();
    const refusal = this.#use(this.#serial, () => {
      this.#serial.reply(cameMs);
      onOver();
    });
    this.#mostWaiting = Math.max(this.#mostWaiting, this.#serial.waiting);
    return refusal;
  }

  /** Has a use begin that nobody waits for; or says why it can't. */
  async(): Problem | undefined {
    const cameMs = this.#nowMs();
    const refusal = this.#use(this.#async, () => undefined);
    if (refusal === undefined) this.#async.reply(cameMs);
    return refusal;
  }

  #use(run: Run, onOver: () => void): Problem | undefined {
    const number = run.come();
    const hasBegun = this.#resource.use(() => {
      run.useEnds(number);
      onOver();
    });
    if (hasBegun) {
      run.useBegins();
      return undefined;
    }
    run.refuse();
    if (this.#limit === 0) return new Problem('too-many-uses', `${USES_MAX} are under way`);
    return new Problem('resource-busy', `${this.#limit} use it, and no more may (--lab-limit)`);
  }
}
