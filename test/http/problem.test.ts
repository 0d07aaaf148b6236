import fc from 'fast-check';
import t from 'tap';
import { PROBLEMS, Problem, type ProblemCode } from '../../dist/http/problem.js';

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
        Object.keys(problem).length === members
      );
    }),
  );
});
