import { replaceTexts, withReferences } from './sub-workflow-references';
import type { CredentialNeed, NodeJson, WorkflowJson } from './workflow-json';

/** What differs from instance to instance. */
export interface Instance {
  /** Id in the files → id in the instance. */
  readonly workflowIds: ReadonlyMap<string, string>;
  /** Id in the instance, by type and name (`credentialKey`). */
  readonly credentialIds: ReadonlyMap<string, string>;
  /** Base URL in the files → base URL of the user's system. */
  readonly urls: ReadonlyMap<string, string>;
}

export const credentialKey = ({ type, name }: CredentialNeed): string => `${type}\n${name}`;

/** The same workflow with the references of one instance, the reader that sample items name included. */
export function rewire(workflow: WorkflowJson, instance: Instance): WorkflowJson {
  const { errorWorkflow, ...settings } = workflow.settings;
  return {
    ...workflow,
    id: instance.workflowIds.get(workflow.id) ?? workflow.id,
    nodes: workflow.nodes.map((node) => rewireNode(node, instance)),
    pinData: withReferences(workflow.pinData, instance.workflowIds),
    settings: errorWorkflow === undefined ? settings : { ...settings, errorWorkflow: instance.workflowIds.get(errorWorkflow) ?? errorWorkflow },
  };
}

function rewireNode(node: NodeJson, instance: Instance): NodeJson {
  const parameters = replaceTexts(withReferences(node.parameters, instance.workflowIds), (text) => withUrls(text, instance.urls));
  if (node.credentials === undefined) return { ...node, parameters };
  const credentials = Object.entries(node.credentials).map(([type, { name }]) => {
    const id = instance.credentialIds.get(credentialKey({ type, name }));
    // Without an id n8n asks for a credential instead of naming one that is not there.
    return [type, id === undefined ? { name } : { id, name }] as const;
  });
  return { ...node, parameters, credentials: Object.fromEntries(credentials) };
}

function withUrls(text: string, urls: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [from, to] of urls) result = result.replaceAll(from, to.replace(/\/+$/u, ''));
  return result;
}
