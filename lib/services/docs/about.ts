import type { About } from '../../http/openapi.js';

/** What the document says of the API as a whole. */
export function aboutOf(program: Pick<About, 'version' | 'license' | 'isOpen'>): About {
  return { title: 'Incrementer', ...program, description: DESCRIPTION, firstTags: FIRST_TAGS };
}

const FIRST_TAGS = ['Counting', 'Reading', 'Accounts'];

const DESCRIPTION = [
  'A counter service: every counter in memory, one SQLite file behind.',
  '**Parameters** of a body come in a form or in JSON, and can come in the query string as well. One that is unknown, or is ' +
    'there twice, is refused. `HEAD` goes where `GET` goes.',
  '**Errors** are `application/problem+json` (RFC 9457) with a stable `code`; `GET /problems/{code}` has the list. Beside ' +
    'what stands with each request, any can be answered with 404 `not-found` where there is nothing at its path, and with 405 ' +
    '`method-not-allowed` where there is, but not with its method.',
].join('\n\n');
