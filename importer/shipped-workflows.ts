import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ImportError } from './import-error';
import { childrenFirst } from './sub-workflow-references';
import { workflowSchema, type WorkflowJson } from './workflow-json';

/** Beside `dist/` in the package, beside `importer/` in the sources. */
export function shippedFolder(): string {
  const folders = [resolve(__dirname, '..', '..', 'workflows'), resolve(__dirname, '..', 'workflows')];
  const found = folders.find((folder) => existsSync(folder));
  if (found === undefined) throw new ImportError(`The folder "workflows" of this package is missing (looked for ${folders.join(' and ')}).`, 'Install the package again.');
  return found;
}

/** Children first, in the order in which an instance can take them. */
export async function readWorkflows(folder: string): Promise<readonly WorkflowJson[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const workflows = await Promise.all(files.map(async (file) => readWorkflow(join(folder, file))));
  return childrenFirst(workflows);
}

async function readWorkflow(file: string): Promise<WorkflowJson> {
  const parsed = workflowSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new ImportError(`${file} is no workflow of this package: ${z.prettifyError(parsed.error)}`, 'Restore the file from the package.');
}

/** The workflows named, and all of those that they call. */
export function withCalled(workflows: readonly WorkflowJson[], wanted: ReadonlySet<string>, references: (workflow: WorkflowJson) => ReadonlySet<string>): readonly WorkflowJson[] {
  const chosen = new Set(workflows.filter(({ name }) => wanted.has(name)).map(({ id }) => id));
  for (let before = -1; before < chosen.size; ) {
    before = chosen.size;
    for (const workflow of workflows) if (chosen.has(workflow.id)) for (const id of references(workflow)) chosen.add(id);
  }
  return workflows.filter(({ id }) => chosen.has(id));
}
