import type { Random } from '../torture/random.js';

/** Changes some bytes of a request, one character a byte. `other` gives it another request to borrow from. */
type Mutation = (bytes: string, random: Random, other: string) => string;

const NUMBERS = [
  ...['0', '-1', '00', '1', '3', '65536', '65537', '2147483647', '2147483648', '4294967295', '4294967296', '9007199254740993'],
  ...['9223372036854775807', '9223372036854775808', '18446744073709551616', '9'.repeat(50), '1e9', '0x10', '+5', ' 7', ''],
];

const CHUNK_SIZES = [
  '0',
  '1',
  '5',
  'a',
  'ff',
  'FFFFFFFF',
  'ffffffffffffffff',
  '10000000000000000',
  '-1',
  '0x5',
  'g',
  '',
  '5;a=b',
  '00000005',
];

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PRI',
  'get',
  'P0ST',
  'BREW',
  '',
];

const HEADERS = [
  ...['Content-Length: 0', 'Content-Length: 5', 'Content-Length: 99999999999', 'Content-Length: -1', 'Content-Length: 5, 5'],
  ...[
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: identity',
    'transfer-encoding : chunked',
  ],
  ...[
    'Connection: close',
    'Connection: upgrade',
    'Upgrade: websocket',
    'Expect: 100-continue',
    'Expect: 200-maybe',
    'Trailer: X',
  ],
  ...[
    'Idempotency-Key: i-1',
    'Idempotency-Key:',
    'Idempotency-Key: \xff\xfe',
    `Idempotency-Key: ${'x'.repeat(256)}`,
    'Host: other',
  ],
  ...['Content-Type: application/json', 'Content-Type: ;;;', 'Content-Encoding: gzip', 'Accept: ,,;q=,*/', 'Range: bytes=0-1'],
  ...[': no name', 'no colon', 'Bad Name: x', ' folded: x', '\x00: \x00', 'X-Long: '.padEnd(3_000, 'y'), 'Sec-WebSocket-Key: x'],
];

const TOKENS = [
  ...['%', '%0', '%00', '%ff', '%c3', '%zz', '%u0041', '+', '&', '=', '&&', '&key=f1', '&value=2', '?', '#', '/', '//', '/../'],
  ...[
    '\r\n',
    '\r',
    '\n',
    '\r\n\r\n',
    '\0',
    ' ',
    '\t',
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\ud800',
    '\xff',
    '\xc3\xa9',
    '\xef\xbb\xbf',
  ],
  ...['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', '__proto__', 'constructor', 'toString', '{"key":', 'null', 'true', '1e400'],
];

/** On any bytes. */
const OF_BYTES: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = place(bytes, random);
    return replace(bytes, at, at + 1, String.fromCharCode(bytes.charCodeAt(at) ^ (1 << random.between(0, 7))));
  },
  function setByte(bytes, random) {
    const at = place(bytes, random);
    return replace(bytes, at, at + 1, String.fromCharCode(random.between(0, 255)));
  },
  function deleteSome(bytes, random) {
    const at = place(bytes, random);
    return replace(bytes, at, at + random.between(1, 12), '');
  },
  function repeatSome(bytes, random) {
    const at = place(bytes, random);
    const piece = bytes.slice(at, at + random.between(1, 40));
    return replace(bytes, at, at, piece.repeat(random.between(1, random.chance(0.02) ? 200 : 3)));
  },
  function addToken(bytes, random) {
    const at = place(bytes, random);
    return replace(bytes, at, at, random.pick(TOKENS));
  },
  function changeNumber(bytes, random) {
    return replaceMatch(bytes, /\d+/g, random, random.pick(NUMBERS));
  },
];

/** On a request as a whole: most of these make something else of it for HTTP. */
const OF_FRAMES: readonly Mutation[] = [
  function repeatAll(bytes, random) {
    return bytes.repeat(random.between(2, 3));
  },
  function splice(bytes, random, other) {
    const from = place(other, random);
    const at = place(bytes, random);
    return replace(bytes, at, at + random.between(0, 30), other.slice(from, from + random.between(1, 60)));
  },
  function crossOver(bytes, random, other) {
    return bytes.slice(0, place(bytes, random)) + other.slice(place(other, random));
  },
  function cutOff(bytes, random) {
    return bytes.slice(0, Math.max(1, place(bytes, random)));
  },
  function addHeader(bytes, random) {
    return insertAfter(bytes, '\r\n', random, `${random.pick(HEADERS)}\r\n`);
  },
  function changeLength(bytes, random) {
    return replaceMatch(bytes, /(?<=Content-Length: )\d+/g, random, random.pick(NUMBERS));
  },
  function changeChunkSize(bytes, random) {
    return replaceMatch(bytes, /(?<=\r\n)[0-9a-f]+(?=\r\n)/g, random, random.pick(CHUNK_SIZES));
  },
  function changeMethod(bytes, random) {
    return replaceMatch(bytes, /^[A-Z]+/g, random, random.pick(METHODS));
  },
  function changeTarget(bytes, random) {
    return replaceMatch(
      bytes,
      /(?<= )\/[^ ]*(?= HTTP)/g,
      random,
      `/${random.pick(['increment', 'numbers/f1', 'drain?seq=1', '', '*'])}${random.pick(TOKENS)}`,
    );
  },
  function breakLine(bytes, random) {
    return replaceMatch(bytes, /\r\n/g, random, random.pick(['\n', '\r', '', '\r\n ', '\r\n\r\n', '\r\r\n', '\0']));
  },
];

/** A request with one to three mutations anywhere. It differs from the original nearly always. */
export function mutate(bytes: string, random: Random, other: string): string {
  let mutated = bytes;
  for (let left = random.between(1, 3); left > 0; left--) {
    const mutation = random.pick(random.chance(0.5) ? OF_BYTES : OF_FRAMES);
    mutated = mutation(mutated, random, other) || 'x';
  }
  return mutated;
}

/**
 * A request with one or two mutations of its target, its headers' values or its body, that is still exactly one
 * request: whatever comes in reply, it is the reply to this.
 */
export function mutateWithin(bytes: string, random: Random, other: string): string {
  const { line, headers, body } = parts(bytes);
  const borrowed = parts(other);
  const mutateText = (text: string, from: string) => random.pick(OF_BYTES)(text || '0', random, from || '0');
  for (let left = random.between(1, 2); left > 0; left--) {
    const what = random.pick(['target', 'header', 'body', 'body', 'body', 'body']);
    if (what === 'target') line[1] = inLine(mutateText(line[1], borrowed.line[1]), '%20');
    else if (what === 'body' && body.text !== undefined) body.text = mutateText(body.text, borrowed.body.text ?? '');
    else {
      const header = random.pick(headers);
      header[1] = inLine(mutateText(header[1], random.pick(borrowed.headers)[1]), ' ');
    }
  }
  const length = body.text === undefined ? '' : `Content-Length: ${body.text.length}\r\n`;
  return `${line.join(' ')}\r\n${headers.map((header) => `${header.join(': ')}\r\n`).join('')}${length}\r\n${body.text ?? ''}`;
}

interface Parts {
  /** Method, target and version. */
  readonly line: [string, string, string];
  /** Names and values, but for the body's length. */
  readonly headers: [string, string][];
  readonly body: { text: string | undefined };
}

function parts(bytes: string): Parts {
  const end = bytes.indexOf('\r\n\r\n');
  const [line = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const headers = lines.map((each) => each.split(': ', 2) as [string, string]);
  const isFramed = (name: string) => name === 'Content-Length' || name === 'Transfer-Encoding';
  return {
    line: line.split(' ') as [string, string, string],
    headers: headers.filter(([name]) => !isFramed(name)),
    body: { text: headers.some(([name]) => isFramed(name)) ? bytes.slice(end + 4) : undefined },
  };
}

/** A text that neither ends its line nor is what HTTP can't have at all. */
function inLine(text: string, blank: string): string {
  return text.replace(/[\p{Cc} ]/gu, blank);
}

function place(bytes: string, random: Random): number {
  return random.between(0, bytes.length - 1);
}

function replace(bytes: string, start: number, end: number, by: string): string {
  return bytes.slice(0, start) + by + bytes.slice(end);
}

function insertAfter(bytes: string, mark: string, random: Random, piece: string): string {
  const at = bytes.indexOf(mark, place(bytes, random) / 2);
  return at === -1 ? bytes + piece : replace(bytes, at + mark.length, at + mark.length, piece);
}

function replaceMatch(bytes: string, pattern: RegExp, random: Random, by: string): string {
  const matches = [...bytes.matchAll(pattern)];
  if (matches.length === 0) return bytes + by;
  const { index, 0: found } = random.pick(matches);
  return replace(bytes, index, index + found.length, by);
}
