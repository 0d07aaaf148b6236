import { App, LIBUS_LISTEN_EXCLUSIVE_PORT, type us_socket, us_socket_local_port } from 'uWebSockets.js';
import type {} from '#dist/http/uws-transport.js';

/**
 * The floor: what uWebSockets.js itself takes for a POST. It reads the body, as text, and answers
 * a constant as long as a real reply.
 */
const REPLY = '{"key":"key123","value":123,"seq":1234567}';

App()
  .post('/increment', (res) => {
    res.onAborted(() => undefined);
    let body = '';
    res.onData((chunk, isLast) => {
      body += Buffer.from(chunk).toString('latin1');
      if (isLast) res.end(body === '' ? '' : REPLY);
    });
  })
  .listen('127.0.0.1', 0, LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
    if (socket === false) throw new Error('no free port');
    process.stderr.write(`${JSON.stringify({ msg: 'serving', port: us_socket_local_port(socket as us_socket) })}\n`);
  });
