import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../tools/checkout';
import { workflowSchema, type WorkflowJson as FileJson } from '../../importer/workflow-json';
import type { WorkflowJson } from '../support/engine';

export const WORKFLOWS = join(CHECKOUT, 'workflows');

/** The shipped files as the importer reads them. */
export const shippedFiles = (): readonly FileJson[] =>
  readdirSync(WORKFLOWS).filter((file) => file.endsWith('.json')).sort().map((file) => workflowSchema.parse(JSON.parse(readFileSync(join(WORKFLOWS, file), 'utf8'))));

/** The same for the engine, with the demo's addresses replaced by where the demo runs in this test. */
export function shippedWorkflows(urls: { readonly crm: string; readonly support: string }): ReadonlyMap<string, WorkflowJson> {
  const files = readdirSync(WORKFLOWS).filter((file) => file.endsWith('.json'));
  return new Map(files.map((file) => {
    const text = readFileSync(join(WORKFLOWS, file), 'utf8').replaceAll('http://localhost:4010', urls.crm).replaceAll('http://localhost:4020', urls.support);
    const workflow = JSON.parse(text) as WorkflowJson & { readonly id: string };
    return [workflow.id, workflow];
  }));
}
