/** A reply among those of a connection. */
export interface Reply {
  readonly status: number;
  /** Lower-case names and values, as they came. */
  readonly head: string;
  readonly body: string;
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [ -~]*$/;

/**
 * Everything that came on a connection as replies, strictly one after the other.
 *
 * Nobody knows any more what the requests were. So a reply to HEAD is known by what follows its
 * head: no body of this server begins like a reply.
 *
 * @throws Error when it is anything else than whole replies.
 */
export function readReplies(text: string): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end === -1) throw new Error(`no reply: ${quote(text.slice(at))}`);
    const [line = '', ...lines] = text.slice(at, end).split('\r\n');
    const status = Number(STATUS_LINE.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Error(`no status line: ${quote(line)}`);
    const head = lines.join('\n').toLowerCase();
    const start = end + 4;
    const length = bodyLength(text, start, status, head);
    if (start + length > text.length) throw new Error(`a reply that is cut off: ${quote(text.slice(at))}`);
    replies.push({ status, head, body: text.slice(start, start + length) });
    at = start + length;
  }
  return replies;
}

function bodyLength(text: string, start: number, status: number, head: string): number {
  if (status < 200) return 0;
  const length = /^content-length: (\d+)$/m.exec(head)?.[1];
  // The libraries' own refusals: the end of the connection is their end.
  if (length === undefined) return text.length - start;
  return start === text.length || text.startsWith('HTTP/1.1 ', start) ? 0 : Number(length);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 400));
}
