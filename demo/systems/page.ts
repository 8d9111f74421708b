import type { FastifyInstance } from 'fastify';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SCRIPT = 'text/javascript; charset=utf-8';

const FILES = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  { path: '/page.js', file: 'page.js', type: SCRIPT },
  { path: '/dom.js', file: 'dom.js', type: SCRIPT },
  { path: '/activity.js', file: 'activity.js', type: SCRIPT },
  { path: '/record-cell.js', file: 'record-cell.js', type: SCRIPT },
  { path: '/record-form.js', file: 'record-form.js', type: SCRIPT },
  { path: '/quirk-panel.js', file: 'quirk-panel.js', type: SCRIPT },
] as const;

/** Serves the page as it lies on disk: no build, no other host, nothing inline that the policy would have to allow. */
export function addPage(app: FastifyInstance): void {
  for (const { path, file, type } of FILES) {
    app.get(path, async (_request, reply) => {
      reply.headers({ 'content-type': type, 'cache-control': 'no-store', 'content-security-policy': "default-src 'self'; img-src 'self' data:" });
      return reply.send(await readFile(join(__dirname, 'page', file)));
    });
  }
}
