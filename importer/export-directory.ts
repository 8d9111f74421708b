import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from './rewire';
import { rewire } from './rewire';
import type { WorkflowJson } from './workflow-json';

/**
 * Writes plain files for `n8n import:workflow --separate --input=DIR`, which keeps ids. Credentials keep the ids of the
 * files too, so they fit where credentials are imported with the same ids.
 */
export async function exportDirectory(workflows: readonly WorkflowJson[], directory: string, urls: Instance['urls']): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const workflow of workflows) {
    const rewired = rewire(workflow, { workflowIds: new Map(), credentialIds: idsOfFile(workflow), urls });
    await writeFile(join(directory, `${workflow.id}.json`), `${JSON.stringify(rewired, null, 2)}\n`);
  }
}

function idsOfFile({ nodes }: WorkflowJson): Map<string, string> {
  const all = nodes.flatMap(({ credentials }) => Object.entries(credentials ?? {}));
  return new Map(all.flatMap(([type, { id, name }]) => (id === undefined || id === null ? [] : [[`${type}\n${name}`, id] as const])));
}
