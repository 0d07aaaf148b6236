import type { Tag } from '../../http/documentation.js';
import { fileDocumentation, pageDocumentation } from '../../http/page-files.js';

const DASHBOARD: Tag = { name: 'Dashboard', description: 'A page for people: browsers get it at `/`.' };

export const PAGE = pageDocumentation('showDashboard', DASHBOARD);

export const ASSET = fileDocumentation('readDashboardFile', DASHBOARD);
