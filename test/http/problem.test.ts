import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { type Extension, PROBLEMS, Problem, type ProblemCode } from '../../dist/http/problem.js';

const codes = Object.keys(PROBLEMS) as ProblemCode[];

t.test('every problem has a code that is a word, a status of an error, and a sentence', async (t) => {
  for (const code of codes) {
    const [status, title] = PROBLEMS[code];
    t.match(code, /^[a-z]+(-[a-z]+)*$/);
    t.ok(status >= 400 && status <= 599, `${code} has ${status}`);
    t.match(title, /^[A-Z].*\.$/);
  }
});

t.test('no two problems have the same title', async (t) => {
  const titles = codes.map((code) => PROBLEMS[code][1]);
  t.equal(new Set(titles).size, titles.length);
});

t.test('a problem says in JSON what it was made of, whatever its detail', async () => {
  const detail = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
  fc.assert(
    fc.property(fc.constantFrom(...codes), detail, fc.option(fc.string(), { nil: undefined }), (code, detail, field) => {
      const problem = JSON.parse(JSON.stringify(new Problem(code, detail, field)));
      const [status, title] = PROBLEMS[code];
      const members = 4 + (detail === undefined ? 0 : 1) + (field === undefined ? 0 : 1);
      return (
        problem.type === `/problems/${code}` &&
        problem.title === title &&
        problem.status === status &&
        problem.code === code &&
        problem.detail === detail &&
        problem.field === field &&
        Object.keys(problem).length === members &&
        problem.request_id === undefined
      );
    }),
  );
});

t.test('what a problem says beside that stands on its top level, and changes nothing else', async () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const names = fc.oneof(
    fc.string(),
    fc.constantFrom('value', '__proto__', 'toJSON', 'type', 'status', 'code', 'detail', 'field', 'request_id'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...codes), fc.dictionary(names, value), (code, extension) => {
      const plain = JSON.parse(JSON.stringify(new Problem(code, 'detail')));
      // The names that are taken can't be given, as the types have it: no more can they by a detour.
      const problem = new Problem(code, 'detail', undefined, extension as Extension);
      const extended = JSON.parse(JSON.stringify(problem));
      const taken = [...Object.keys(plain), 'field', 'request_id'];
      const others = Object.entries(extension).filter(([name]) => !taken.includes(name));
      return (
        isDeepStrictEqual(JSON.parse(problem.body('r-1')), { ...extended, request_id: 'r-1' }) &&
        Object.entries(plain).every(([name, value]) => extended[name] === value) &&
        others.every(([name, value]) => Object.is(extended[name], value) || Object.is(value, -0)) &&
        Object.keys(extended).length === Object.keys(plain).length + others.length
      );
    }),
  );
});

t.test('a 64-bit integer that a double can not hold is a string of digits', async (t) => {
  const problem = new Problem('overflow', undefined, undefined, {
    value: 5,
    bound: 2n ** 63n - 1n,
    least: -(2n ** 63n),
    none: null,
  });
  t.match(JSON.stringify(problem), /"value":5,"bound":"9223372036854775807","least":"-9223372036854775808","none":null}$/);
});
