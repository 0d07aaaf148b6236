import { App, LIBUS_LISTEN_EXCLUSIVE_PORT, type us_socket, us_socket_local_port } from 'uWebSockets.js';
import type {} from '#dist/http/uws-transport.js';

/**
 * The floor: what uWebSockets.js itself takes for a request. It reads the body of a POST, as text, and
 * answers a constant as long as a real reply.
 */
const REPLY = '{"key":"key123","value":123,"seq":1234567}';

const USER = '{"id":1,"username":"mouad","scope":"write","prefix":"","created_at":"2026-01-01T00:00:00.000Z"}';

const POINTS = '{"users":[{"id":238026,"points":99},{"id":217503,"points":100}],"timestamp":"2026-11-21T15:16:24Z"}';

App()
  .post('/increment', (res) => {
    res.onAborted(() => undefined);
    let body = '';
    res.onData((chunk, isLast) => {
      body += Buffer.from(chunk).toString('latin1');
      if (isLast) res.end(body === '' ? '' : REPLY);
    });
  })
  .get('/user/', (res) => {
    res.end(USER);
  })
  .get('/points', (res) => {
    res.end(POINTS);
  })
  .listen('127.0.0.1', 0, LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
    if (socket === false) throw new Error('no free port');
    process.stderr.write(`${JSON.stringify({ msg: 'serving', port: us_socket_local_port(socket as us_socket) })}\n`);
  });
