import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The counter server that one writes first: node:http, a Map, and nothing behind it. It reads the
 * body, counts, and replies with the new value; it checks nothing.
 */
const counters = new Map<string, number>();

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const form = new URLSearchParams(body);
    const key = form.get('key') ?? '';
    const value = (counters.get(key) ?? 0) + Number(form.get('value'));
    counters.set(key, value);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ key, value }));
  });
});

server.listen(0, '127.0.0.1', 511, () => {
  process.stderr.write(`${JSON.stringify({ msg: 'serving', port: (server.address() as AddressInfo).port })}\n`);
});
