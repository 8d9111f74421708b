import { z } from 'zod';
import type { NodeJson, WorkflowJson } from '../../importer/workflow-json';

export interface Link {
  readonly from: string;
  readonly output: number;
  readonly to: string;
  readonly input: number;
}

const connectionsSchema = z.record(z.string(), z.object({ main: z.array(z.array(z.object({ node: z.string(), index: z.number() })).nullable()) }));
const positionSchema = z.tuple([z.number(), z.number()]);

export function linksOf({ connections }: WorkflowJson): readonly Link[] {
  return Object.entries(connectionsSchema.parse(connections)).flatMap(([from, { main }]) =>
    main.flatMap((targets, output) => (targets ?? []).map(({ node, index }) => ({ from, output, to: node, input: index }))));
}

export const nodeOf = ({ nodes }: WorkflowJson, name: string): NodeJson | undefined => nodes.find((node) => node.name === name);

export const positionOf = (node: NodeJson): readonly [number, number] => positionSchema.parse(node['position']);

/** What lies at a path of a node's parameters; undefined where there is nothing. */
export function parametersOf(node: NodeJson, ...path: readonly string[]): unknown {
  let value: unknown = node.parameters;
  for (const key of path) value = typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined;
  return value;
}

/** Every text in a value; with a key, only those of members of that name. */
export function textsOf(value: unknown, key?: string): readonly string[] {
  if (typeof value === 'string') return key === undefined ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    if (key !== undefined && name === key) return typeof part === 'string' ? [part] : [];
    return textsOf(part, key);
  });
}
