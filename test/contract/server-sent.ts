/** A block of an event stream (WHATWG HTML, section 9.2.6): an event, an id alone, or nothing but comments. */
export interface Block {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string | undefined;
}

export interface CounterData {
  readonly key: string;
  readonly value: number | string | null;
  readonly seq: number;
}

/** Takes an event stream apart, strictly: what comes in pieces, cut anywhere. */
export class BlockReader {
  #rest = '';

  /** Takes in what comes next, and gives the blocks that are whole with it. */
  blocks(text: string): Block[] {
    const parts = (this.#rest + text).split('\n\n');
    this.#rest = parts.pop() as string;
    return parts.map(parse);
  }
}

function parse(text: string): Block {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^(event|id|data|): ?(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no line of an event stream: ${JSON.stringify(line)}`);
    if (name !== '' && fields.has(name)) throw new Error(`two lines ${name} in one block: ${text}`);
    fields.set(name, value);
  }
  if (fields.has('event') !== fields.has('data')) throw new Error(`half an event: ${text}`);
  return { event: fields.get('event'), id: fields.get('id'), data: fields.get('data') };
}

/** What a client of the feed makes of it: what it knows of the counters. It checks that ids never go back. */
export class Follower {
  readonly known = new Map<string, number | string>();
  /** What it sends as Last-Event-ID when it comes back. */
  lastId: number | undefined;
  /** How many events it got, and how many resets. */
  events = 0;
  resets = 0;
  #connectionId = 0;
  #reader = new BlockReader();

  /** It has a new connection: what was not whole of the last one is lost. */
  connected(): void {
    this.#connectionId = 0;
    this.#reader = new BlockReader();
  }

  receive(text: string): void {
    for (const block of this.#reader.blocks(text)) this.#take(block);
  }

  #take({ event, id, data }: Block): void {
    if (id !== undefined) {
      if (!/^\d+$/.test(id)) throw new Error(`no id: ${id}`);
      if (Number(id) < this.#connectionId) throw new Error(`the id ${id} came after ${this.#connectionId}`);
      this.lastId = this.#connectionId = Number(id);
    }
    if (event === 'reset') {
      this.resets++;
      this.known.clear();
    }
    if (event !== 'counter') return;
    this.events++;
    const { key, value, seq } = JSON.parse(data as string) as CounterData;
    if (id !== undefined && id !== `${seq}`) throw new Error(`the event of write ${seq} has the id ${id}`);
    if (value === null) this.known.delete(key);
    else this.known.set(key, value);
  }
}
