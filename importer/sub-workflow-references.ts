import type { NodeJson, WorkflowJson } from './workflow-json';

const CALL = 'n8n-nodes-base.executeWorkflow';

/** A fixed id, or an expression that is one string: n8n does not demand of those that the other one is published already. */
const LITERAL = /^=\{\{\s*'(?<id>[A-Za-z0-9_-]{1,36})'\s*\}\}$/u;

/** The workflow a node calls; null when the item says it, or when it calls none. */
export function calledBy(node: NodeJson): string | null {
  if (node.type !== CALL) return null;
  const { workflowId } = node.parameters;
  const value: unknown = typeof workflowId === 'object' && workflowId !== null && 'value' in workflowId ? workflowId.value : workflowId;
  if (typeof value !== 'string') return null;
  return value.startsWith('=') ? LITERAL.exec(value)?.groups?.['id'] ?? null : value;
}

/** Ids of workflows that stand in a text parameter: a reader that is handed on as an input. */
export function mentionedIn(value: unknown, known: ReadonlySet<string>): readonly string[] {
  if (typeof value === 'string') {
    const literal = LITERAL.exec(value)?.groups?.['id'];
    return literal !== undefined && known.has(literal) ? [literal] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((part) => mentionedIn(part, known));
}

/** All workflows this one calls, hands on, or reports its failures to. */
export function referencesOf(workflow: WorkflowJson, known: ReadonlySet<string>): ReadonlySet<string> {
  const called = workflow.nodes.flatMap((node) => [calledBy(node) ?? [], mentionedIn(node.parameters, known)].flat());
  const { errorWorkflow } = workflow.settings;
  return new Set([...called, ...(errorWorkflow === undefined ? [] : [errorWorkflow])]);
}

/** Children before those that call them. Parents that call each other keep the given order. */
export function childrenFirst(workflows: readonly WorkflowJson[]): readonly WorkflowJson[] {
  const byId = new Map(workflows.map((workflow) => [workflow.id, workflow]));
  const known = new Set(byId.keys());
  const ordered = new Set<WorkflowJson>();
  const visiting = new Set<string>();
  const visit = (workflow: WorkflowJson): void => {
    if (ordered.has(workflow) || visiting.has(workflow.id)) return;
    visiting.add(workflow.id);
    for (const id of referencesOf(workflow, known)) {
      const child = byId.get(id);
      if (child !== undefined) visit(child);
    }
    ordered.add(workflow);
  };
  for (const workflow of workflows) visit(workflow);
  return [...ordered];
}

/** Every id of the files replaced by the id that the instance gave that workflow. */
export function withReferences<T>(value: T, ids: ReadonlyMap<string, string>): T {
  return replaceTexts(value, (text) => {
    const literal = LITERAL.exec(text)?.groups?.['id'];
    const id = literal === undefined ? undefined : ids.get(literal);
    if (literal !== undefined && id !== undefined) return text.replace(`'${literal}'`, `'${id}'`);
    return ids.get(text) ?? text;
  });
}

/** A copy in which each text was given a chance to change; everything else is as it was. */
export function replaceTexts<T>(value: T, replace: (text: string) => string): T;
export function replaceTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((part: unknown) => replaceTexts(part, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaceTexts(part, replace)]));
}
