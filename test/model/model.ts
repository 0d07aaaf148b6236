/** What a server has to be, as plainly as it can be said: a Map, and the replies that were given. */
export class Model {
  readonly counters = new Map<string, bigint>();
  readonly #kept = new Map<string, { readonly payload: string; readonly reply: Said }>();
  seq = 0;

  /** What an increment has to be answered with. */
  increment({ key, by, isDurable, isText, idempotencyKey }: Increment): Said {
    const payload = `${by} to ${key}`;
    const known = idempotencyKey === undefined ? undefined : this.#kept.get(idempotencyKey);
    if (known !== undefined) return known.payload === payload ? { ...known.reply, isReplayed: true } : { status: 422 };
    const value = (this.counters.get(key) ?? 0n) + by;
    if (BigInt.asIntN(64, value) !== value) return { status: 409 };
    this.counters.set(key, value);
    this.seq++;
    const reply = { status: 200, body: isText ? `${value}\n` : this.#body(key, value, isDurable), isReplayed: false };
    if (idempotencyKey !== undefined) this.#kept.set(idempotencyKey, { payload, reply });
    return reply;
  }

  #body(key: string, value: bigint, isDurable: boolean): string {
    return `{"key":${JSON.stringify(key)},"value":${json(value)},"seq":${this.seq}${isDurable ? ',"durable":true' : ''}}`;
  }

  read(key: string): Said {
    const value = this.counters.get(key);
    if (value === undefined) return { status: 404 };
    return { status: 200, body: `{"key":${JSON.stringify(key)},"value":${json(value)}}`, isReplayed: false };
  }

  get idempotencyKeys(): string[] {
    return [...this.#kept.keys()];
  }
}

export interface Increment {
  readonly key: string;
  readonly by: bigint;
  readonly isDurable: boolean;
  readonly isText: boolean;
  readonly idempotencyKey: string | undefined;
}

/** A reply as far as the model knows it: of a refusal it knows the status. */
export interface Said {
  readonly status: number;
  readonly body?: string;
  readonly isReplayed?: boolean;
}

/** Integers that a double can't hold are strings. */
function json(value: bigint): string {
  return Number.isSafeInteger(Number(value)) ? `${value}` : `"${value}"`;
}
