import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allWorkflows } from './all-workflows';

/** `node tools/node24.mjs tsx tools/templates/write-files.ts` */
async function main(): Promise<void> {
  const folder = join(__dirname, '..', '..', 'workflows');
  await mkdir(folder, { recursive: true });
  for (const [file, workflow] of allWorkflows()) await writeFile(join(folder, `${file}.json`), `${JSON.stringify(workflow, null, 2)}\n`);
}

void main();
