import type { Documentation } from '../dist/http/documentation.js';

/** The least that a route can say of itself. */
export const UNDOCUMENTED: Documentation = { id: 'test', tag: { name: 'Test', description: '' }, replies: {}, examples: [] };
