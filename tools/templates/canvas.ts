/**
 * Draws a workflow as n8n stores it. The shipped workflows are made by this, so that both directions come from one
 * description and can differ in nothing else; the JSON files are the product and may be edited in n8n like any other.
 */
import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Credential {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

export interface NodeExtras {
  readonly credential?: Credential | readonly Credential[];
  /** Without it an error ends the workflow, and the error workflow tells. */
  readonly onError?: 'continueErrorOutput' | 'continueRegularOutput';
  /** Tries again after a broken connection. Only where that cannot do something twice. */
  readonly retry?: true;
  readonly executeOnce?: true;
  readonly alwaysOutputData?: true;
  readonly disabled?: true;
  /** Shown below the node. */
  readonly notes?: string;
  readonly webhookId?: true;
}

export interface WorkflowHead {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** The workflow that tells when this one failed; null for workflows that only run inside others. */
  readonly errorWorkflow: string | null;
  readonly settings?: JsonObject;
}

/** Column and row; a node sits in the middle of its cell. */
export type Cell = readonly [column: number, row: number];
export interface Area {
  readonly from: Cell;
  readonly to: Cell;
  readonly color?: number;
}

const CELL_WIDTH = 224;
const CELL_HEIGHT = 192;
/** Room for the sticky note's own words above the nodes that it stands behind. */
const NOTE_HEAD = 128;
const NOTE_MARGIN = 48;
const NODE_SIZE = 96;

export class Canvas {
  private readonly nodes: JsonObject[] = [];
  private readonly links: { readonly from: string; readonly output: number; readonly to: string; readonly input: number }[] = [];
  private readonly pinned = new Map<string, readonly JsonObject[]>();
  private notes = 0;

  constructor(private readonly head: WorkflowHead) {}

  /** Returns the name, by which nodes are linked. */
  add(name: string, [type, typeVersion]: readonly [string, number], [column, row]: Cell, parameters: JsonObject, extras: NodeExtras = {}): string {
    const { credential, retry, webhookId, notes, ...rest } = extras;
    this.nodes.push({
      parameters,
      id: this.uuid(name),
      name,
      type,
      typeVersion,
      position: [column * CELL_WIDTH, row * CELL_HEIGHT],
      ...(webhookId === true ? { webhookId: this.uuid(`webhook ${name}`) } : {}),
      ...(credential === undefined ? {} : { credentials: Object.fromEntries([credential].flat().map(({ type: kind, id, name: shown }) => [kind, { id, name: shown }])) }),
      ...(retry === true ? { retryOnFail: true, maxTries: 3, waitBetweenTries: 1000 } : {}),
      ...(notes === undefined ? {} : { notes, notesInFlow: true }),
      ...rest,
    });
    return name;
  }

  /** A sticky note behind the cells of an area: its words stand above them. */
  note(words: string, { from, to, color }: Area): void {
    this.notes += 1;
    const name = `Note ${this.notes}`;
    this.nodes.push({
      parameters: {
        content: words,
        width: Math.round((to[0] - from[0]) * CELL_WIDTH) + NODE_SIZE + 2 * NOTE_MARGIN,
        height: (to[1] - from[1]) * CELL_HEIGHT + NODE_SIZE + NOTE_HEAD + NOTE_MARGIN,
        ...(color === undefined ? {} : { color }),
      },
      id: this.uuid(name),
      name,
      type: 'n8n-nodes-base.stickyNote',
      typeVersion: 1,
      position: [from[0] * CELL_WIDTH - NOTE_MARGIN, from[1] * CELL_HEIGHT - NOTE_HEAD],
    });
  }

  link(from: string, output: number, to: string, input = 0): void {
    this.links.push({ from, output, to, input });
  }

  /** First output of each to the next. */
  chain(...names: readonly string[]): void {
    for (const [index, to] of names.entries()) {
      const from = names[index - 1];
      if (from !== undefined) this.link(from, 0, to);
    }
  }

  /** Sample items, so that a person presses Execute and sees the workflow work. */
  pin(node: string, items: readonly JsonObject[]): void {
    this.pinned.set(node, items);
  }

  toJson(): JsonObject {
    const { id, name, description, tags, errorWorkflow, settings } = this.head;
    return {
      id,
      name,
      description,
      nodes: this.nodes,
      connections: this.connections(),
      settings: {
        executionOrder: 'v1',
        callerPolicy: 'workflowsFromSameOwner',
        ...(errorWorkflow === null ? {} : { errorWorkflow }),
        ...settings,
      },
      pinData: Object.fromEntries([...this.pinned].map(([node, items]) => [node, items.map((json) => ({ json }))])),
      tags: tags.map((tag) => ({ name: tag })),
      active: false,
    };
  }

  private connections(): JsonObject {
    const known = new Set(this.nodes.map(({ name }) => name));
    const outputs = new Map<string, { node: string; type: string; index: number }[][]>();
    for (const { from, output, to, input } of this.links) {
      for (const end of [from, to]) if (!known.has(end)) throw new Error(`${this.head.name}: there is no node "${end}" to link.`);
      const ofNode = outputs.get(from) ?? [];
      while (ofNode.length <= output) ofNode.push([]);
      ofNode[output]?.push({ node: to, type: 'main', index: input });
      outputs.set(from, ofNode);
    }
    return Object.fromEntries([...outputs].map(([node, main]) => [node, { main }]));
  }

  /** The same in every build, or each build would look like a change of every node. */
  private uuid(name: string): string {
    const digits = createHash('sha256').update(`${this.head.id}\n${name}`).digest('hex');
    return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-');
  }
}
