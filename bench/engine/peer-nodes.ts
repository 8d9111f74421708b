/** Nodes of n8n's own, as the recipes beside us are built of them. */
import type { INode } from 'n8n-workflow';

export const POSTGRES = { id: 'benchPostgres', name: 'Postgres' } as const;

export function peerNode(name: string, type: string, typeVersion: number, parameters: INode['parameters']): INode {
  return { id: name, name, type: `n8n-nodes-base.${type}`, typeVersion, position: [0, 0], parameters, ...(type === 'postgres' ? { credentials: { postgres: POSTGRES } } : {}) };
}

export const to = (name: string, index = 0): { readonly node: string; readonly type: 'main'; readonly index: number } => ({ node: name, type: 'main', index });
