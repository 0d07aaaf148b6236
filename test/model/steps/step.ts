import type { Model } from '../model.js';
import type { Said } from '../said.js';

/** One request, and what the model makes of it. */
export interface Step {
  readonly kind: string;
  readonly bytes: string;
  /** Does it with the model. Returns what the reply has to be. */
  readonly run: (model: Model) => Said;
  readonly isWrite: boolean;
  /** For so long no counter may end by itself, for the reply to tell all that the model has to know. */
  readonly quietMs: number;
}

/** Of a write whose reply does not say its seq and value: what was before it can't be told. */
export const BLIND_MS = 200;

export function reading(kind: string, bytes: string, run: Step['run']): Step {
  return { kind, bytes, run, isWrite: false, quietMs: 0 };
}
