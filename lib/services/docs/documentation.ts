import type { Documentation, Tag } from '../../http/documentation.js';
import { JSON_TYPE } from '../../http/exchange.js';
import { fileDocumentation, pageDocumentation } from '../../http/page-files.js';

const DOCUMENTS: Tag = { name: 'Documentation', description: 'What you are reading.' };

export const DOCUMENT: Documentation = {
  id: 'readDocument',
  tag: DOCUMENTS,
  replies: { 200: { description: 'An OpenAPI 3.1 document.', content: { [JSON_TYPE]: { type: 'object' } } } },
  examples: [],
};

export const PAGE = pageDocumentation('showDocument', DOCUMENTS);

export const PAGE_FILE = fileDocumentation('readPageFile', DOCUMENTS);
