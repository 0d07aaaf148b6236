import { SCOPES } from '../../../http/caller.js';
import { type Documentation, type Parameter, refused, replied, type Step, type Tag } from '../../../http/documentation.js';
import { JSON_TYPE } from '../../../http/exchange.js';
import { Problem, type ProblemCode } from '../../../http/problem.js';
import { arrayOf, NamedSchema, object } from '../../../http/schema.js';
import { QUERY_PROBLEMS } from '../../../writes/documentation.js';
import { missingToken } from '../guard.js';

const ACCOUNTS: Tag = {
  name: 'Accounts',
  description:
    'Users and their tokens. Each change is answered when it is on disk. `/user` and `/user/token` can have a slash at their ' +
    'end, and `GET /` is the same as `GET /user`.',
};

const USERNAME = { type: 'string', minLength: 1, maxLength: 128 } as const;
const TOKEN = { type: 'string', pattern: '^[!-~]{1,256}$' } as const;
const SCOPE = { type: 'string', enum: SCOPES } as const;
const ID = { type: 'integer', minimum: 1, description: 'Never another user’s.' } as const;

const USER = new NamedSchema(
  'User',
  object({
    id: ID,
    username: USERNAME,
    scope: { ...SCOPE, description: 'What the user may do. Each scope has what those before it have.' },
    prefix: { type: 'string', description: 'With what the keys begin that the user may see and change.' },
    created_at: { type: 'string', format: 'date-time' },
  }),
);

const TOKEN_GIVEN = new NamedSchema(
  'TokenGiven',
  object(
    { id: ID, username: USERNAME },
    { token: { ...TOKEN, description: 'Only where the server made it. It is not kept, and shown this once.' } },
  ),
);

const NOT_KEPT_HEADER = {
  'Cache-Control': { description: 'A token is not for any cache.', schema: { type: 'string', const: 'no-store' } },
};

const NO_STORE = { 'Cache-Control': 'no-store' };

const TOKEN_PARAMETER: Parameter = {
  name: 'token',
  in: 'body',
  description: 'The token that the user is to have: visible ASCII. One of 256 random bits is made, if it is left out.',
  schema: TOKEN,
};

const CHANGE_PROBLEMS = ['queue-full', 'too-many-waiting', 'store-unavailable'] as const satisfies readonly ProblemCode[];

const MOUAD = { id: 1, username: 'mouad', scope: 'write', prefix: '', created_at: '2026-11-21T10:00:00.000Z' };
const MAKE_MOUAD: Step = { method: 'POST', target: '/user', json: { username: 'mouad', token: 'xyz' } };

/** Who is there before: an admin is made on the command line. */
const ROOT = { id: 1, username: 'root', scope: 'admin', prefix: '', created_at: '2026-11-21T10:00:00.000Z' };
const SECOND = { ...MOUAD, id: 2 };
const ROOT_TOKEN = 'Bearer roots-token';

export const CREATE_USER: Documentation = {
  id: 'createUser',
  tag: ACCOUNTS,
  description: 'Nobody gives more than it has itself: neither a higher scope, nor keys outside of its own prefix.',
  parameterTypes: [JSON_TYPE],
  parameters: [
    { name: 'username', in: 'body', description: 'Without control characters.', schema: USERNAME, isRequired: true },
    TOKEN_PARAMETER,
    { name: 'scope', in: 'body', description: 'What the user may do.', schema: { ...SCOPE, default: 'write' } },
    {
      name: 'prefix',
      in: 'body',
      description: 'With what the keys begin that the user may see and change; as the caller’s, if it is left out.',
      schema: { type: 'string', maxLength: 512 },
    },
  ],
  replies: { 201: { description: 'The user is there.', content: { [JSON_TYPE]: TOKEN_GIVEN }, headers: NOT_KEPT_HEADER } },
  problems: [
    ...QUERY_PROBLEMS,
    ...CHANGE_PROBLEMS,
    'missing-parameter',
    'unsupported-media-type',
    'insufficient-scope',
    'outside-prefix',
    'username-taken',
    'token-taken',
    'users-full',
  ],
  examples: [
    {
      title: 'With a token',
      send: { username: 'mouad', token: 'xyz' },
      reply: replied({ id: 1, username: 'mouad' }, 201, NO_STORE),
    },
    {
      title: 'With a token that is made',
      send: { username: 'joe', scope: 'read', prefix: 'joe:' },
      reply: replied({ id: 2, username: 'joe', token: 'lcP0Wn9vTt0ZcFbpZ2wnFzFvJoLwKbqyQz3vZx0O0x8' }, 201, NO_STORE),
    },
    {
      title: 'A name that is taken',
      send: { username: 'mouad' },
      reply: refused(new Problem('username-taken', 'mouad is taken', 'username')),
    },
    {
      title: 'More than the caller has',
      send: { username: 'root', scope: 'admin' },
      reply: refused(new Problem('insufficient-scope', 'the scope admin is for one who has it to give, not for write')),
    },
  ],
};

export const READ_USER: Documentation = {
  id: 'readUser',
  tag: ACCOUNTS,
  replies: { 200: { description: 'The user.', content: { [JSON_TYPE]: USER } } },
  examples: [
    { title: 'A user', after: [MAKE_MOUAD], token: 'Bearer xyz', reply: replied(MOUAD) },
    { title: 'The token by itself', token: 'xyz', reply: replied(MOUAD) },
    {
      title: 'No token',
      reply: refused(missingToken()),
    },
    { title: 'A wrong token', token: 'Bearer abc', reply: refused(new Problem('unknown-token')) },
  ],
};

export const DELETE_CALLER: Documentation = {
  id: 'deleteCaller',
  tag: ACCOUNTS,
  replies: { 200: { description: 'The user that was.', content: { [JSON_TYPE]: USER } } },
  problems: [...CHANGE_PROBLEMS, 'unknown-user'],
  examples: [
    { title: 'A user', after: [MAKE_MOUAD], token: 'Bearer xyz', reply: replied(MOUAD) },
    { title: 'Twice', token: 'Bearer xyz', reply: refused(new Problem('unknown-token')) },
  ],
};

export const RENEW_TOKEN: Documentation = {
  id: 'renewToken',
  tag: ACCOUNTS,
  parameterTypes: [JSON_TYPE],
  parameters: [TOKEN_PARAMETER],
  replies: {
    200: {
      description: 'The new token holds, and the old one has ended.',
      content: { [JSON_TYPE]: TOKEN_GIVEN },
      headers: NOT_KEPT_HEADER,
    },
  },
  problems: [...QUERY_PROBLEMS, ...CHANGE_PROBLEMS, 'unsupported-media-type', 'token-taken', 'unknown-user'],
  examples: [
    {
      title: 'A token of the user’s own',
      after: [MAKE_MOUAD],
      token: 'Bearer xyz',
      send: { token: 'abc' },
      reply: replied({ id: 1, username: 'mouad' }, 200, NO_STORE),
    },
    {
      title: 'A token that is made',
      token: 'Bearer abc',
      reply: replied({ id: 1, username: 'mouad', token: 'lcP0Wn9vTt0ZcFbpZ2wnFzFvJoLwKbqyQz3vZx0O0x8' }, 200, NO_STORE),
    },
  ],
};

export const LIST_USERS: Documentation = {
  id: 'listUsers',
  tag: ACCOUNTS,
  parameters: [
    { name: 'after', in: 'query', description: 'The name that the page comes after.', schema: { type: 'string' } },
    {
      name: 'limit',
      in: 'query',
      description: 'How many at the most.',
      schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
    },
  ],
  replies: {
    200: {
      description: 'The users.',
      headers: {
        Link: {
          description: 'Where the next page is, with `rel="next"` (RFC 8288), if there is one.',
          schema: { type: 'string' },
        },
      },
      content: { [JSON_TYPE]: object({ users: arrayOf(USER) }) },
    },
  },
  problems: QUERY_PROBLEMS,
  examples: [
    { title: 'Two users', after: [MAKE_MOUAD], token: ROOT_TOKEN, reply: replied({ users: [SECOND, ROOT] }) },
    {
      title: 'A page of one',
      token: ROOT_TOKEN,
      send: { limit: 1 },
      reply: replied({ users: [SECOND] }, 200, { Link: '</users?after=mouad&limit=1>; rel="next"' }),
    },
  ],
};

export const DELETE_USER: Documentation = {
  id: 'deleteUser',
  tag: ACCOUNTS,
  parameters: [{ name: 'username', in: 'path', description: 'One percent-encoded segment.', schema: USERNAME }],
  replies: { 200: { description: 'The user that was.', content: { [JSON_TYPE]: USER } } },
  problems: [...CHANGE_PROBLEMS, 'invalid-parameter', 'unknown-user'],
  examples: [
    { title: 'A user', after: [MAKE_MOUAD], token: ROOT_TOKEN, send: { username: 'mouad' }, reply: replied(SECOND) },
    {
      title: 'No user',
      token: ROOT_TOKEN,
      send: { username: 'mouad' },
      reply: refused(new Problem('unknown-user', 'there is no user mouad')),
    },
  ],
};
