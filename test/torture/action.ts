/** Adds to a counter. */
export interface Increment {
  readonly type: 'increment';
  readonly key: string;
  readonly by: number;
  readonly min?: number;
  readonly max?: number;
  readonly saturate?: true;
  /** In seconds. */
  readonly ttl?: number;
}

/** Gives a counter a value; where `ifValue` is there, only one that has it. */
export interface Setting {
  readonly type: 'set';
  readonly key: string;
  readonly value: number;
  readonly ifValue?: number;
}

export interface Removal {
  readonly type: 'delete';
  readonly key: string;
}

/** A source's running totals. */
export interface Report {
  readonly type: 'report';
  readonly key: string;
  readonly source: string;
  readonly total: number;
  readonly decrements: number;
}

export interface Item {
  readonly key: string;
  readonly by: number;
}

/** Many increments in one write. */
export interface Batch {
  readonly type: 'batch';
  readonly items: readonly Item[];
}

/** What a client asks for in one write. */
export type Action = Increment | Setting | Removal | Report | Batch;

export type Durability = 'memory' | 'disk';

export interface Request {
  readonly method: string;
  readonly target: string;
  /** A form. */
  readonly body: string | undefined;
}

/** The keys of an action, those of a batch as often as they are in it. */
export function keysOf(action: Action): string[] {
  return action.type === 'batch' ? action.items.map(({ key }) => key) : [action.key];
}

/** Whether an action, answered 200, may have changed nothing: its reply then has the number of the write before. */
export function mayBeIdle(action: Action): boolean {
  return action.type === 'report' || (action.type === 'increment' && action.saturate === true);
}

/** Keys here need no encoding. */
export function requestOf(action: Action, durability: Durability): Request {
  switch (action.type) {
    case 'increment': {
      const { key, by, min, max, saturate, ttl } = action;
      return { method: 'POST', target: '/increment', body: form({ key, value: by, min, max, saturate, ttl, durability }) };
    }
    case 'set': {
      const { key, value, ifValue } = action;
      return { method: 'PUT', target: `/numbers/${key}`, body: form({ value, if_value: ifValue, durability }) };
    }
    case 'delete':
      return { method: 'DELETE', target: `/numbers/${action.key}?durability=${durability}`, body: undefined };
    case 'report': {
      const { key, source, total, decrements } = action;
      return { method: 'PUT', target: `/numbers/${key}/sources/${source}`, body: form({ value: total, decrements, durability }) };
    }
    case 'batch': {
      const body = action.items.map(({ key, by }) => form({ key, value: by })).join('&');
      return { method: 'POST', target: `/increments?durability=${durability}`, body };
    }
  }
}

function form(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
