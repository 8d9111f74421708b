import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NodeJson, WorkflowJson } from '../../importer/workflow-json';
import { calledBy, childrenFirst, referencesOf } from '../../importer/sub-workflow-references';
import { allWorkflows } from '../../tools/templates/all-workflows';
import { shippedFiles, WORKFLOWS } from './shipped';
import { linksOf, nodeOf, parametersOf, positionOf, textsOf, type Link } from './workflow-shape';

const files = shippedFiles();
const byId = new Map(files.map((workflow) => [workflow.id, workflow]));
const known = new Set(byId.keys());
const each = files.map((workflow) => [workflow.name, workflow] as const);
const STICKY = 'n8n-nodes-base.stickyNote';
const isTrigger = ({ type }: NodeJson): boolean => /Trigger$/u.test(type);
const working = ({ nodes }: WorkflowJson): readonly NodeJson[] => nodes.filter(({ type }) => type !== STICKY);

/** Nodes that n8n 3.0 takes away or calls deprecated, and Code, which shapes nothing here. */
const FORBIDDEN = ['function', 'functionItem', 'itemLists', 'cron', 'interval', 'moveBinaryData', 'code', 'start', 'spreadsheetFile'].map((name) => `n8n-nodes-base.${name}`);

describe('the shipped workflows', () => {
  it('are what their description makes', () => {
    for (const [file, workflow] of allWorkflows()) expect(JSON.parse(readFileSync(join(WORKFLOWS, `${file}.json`), 'utf8')), file).toEqual(workflow);
    expect(allWorkflows().size).toBe(files.length);
  });

  it('have the names of the documentation, and ids that n8n keeps', () => {
    expect(files.map(({ name }) => name).sort()).toEqual([
      'Diff Engine - Compute Changes', 'Ingest - Normalize CRM Record', 'Ingest - Normalize Support Record', 'Review - Decide', 'Router - Human Review Queue', 'Sync - CRM to Support',
      'Sync - Drain', 'Sync - Errors', 'Sync - Note Hints', 'Sync - Reconcile', 'Sync - Support to CRM', 'Writer - Update CRM Record', 'Writer - Update Support Ticket',
    ]);
    for (const { id } of files) expect(id).toMatch(/^[A-Za-z0-9]{1,21}$/u);
    const nodeIds = files.flatMap(({ nodes }) => nodes.map((node) => node['id']));
    expect(new Set(nodeIds).size).toBe(nodeIds.length);
  });

  it('can be published children first: no workflow waits for itself', () => {
    const published = new Set<string>();
    for (const workflow of childrenFirst(files)) {
      const checked = workflow.nodes.filter((node) => !textsOf(node.parameters['workflowId']).some((text) => text.startsWith('='))).flatMap((node) => calledBy(node) ?? []);
      for (const id of checked) expect(published, `${workflow.name} calls ${id}`).toContain(id);
      published.add(workflow.id);
    }
  });

  it('differ between the directions only in the direction', () => {
    const shape = (id: string, swap: boolean): unknown => {
      const { nodes, connections, settings } = byId.get(id)!;
      const bare = nodes.map(({ id: _id, webhookId: _webhook, ...node }) => node);
      const text = JSON.stringify({ nodes: bare, connections, settings }).toLowerCase();
      const swapped = text.replaceAll(/crm|support/gu, (word) => (word === 'crm' ? 'support' : 'crm')).replaceAll(/contact\b|ticket\b/gu, (word) => (word === 'contact' ? 'ticket' : 'contact'));
      return JSON.parse(swap ? swapped : text) as unknown;
    };
    expect(shape('twsSupportToCrm', true)).toEqual(withSharedWords(shape('twsCrmToSupport', false)));
  });
});

/** The record type of the sync is "contact" in both directions, whatever the systems call their records. */
function withSharedWords(shape: unknown): unknown {
  return JSON.parse(JSON.stringify(shape).replaceAll('"recordtype":"contact"', '"recordtype":"ticket"')) as unknown;
}

describe.each(each)('%s', (_name, workflow) => {
  const { nodes, settings, tags, description, pinData } = workflow;
  const links = linksOf(workflow);

  it('says what it is for, who may call it and where its failures go', () => {
    expect(description.length).toBeGreaterThan(60);
    expect(tags.map(({ name }) => name)).toContain('two-way sync');
    expect(settings).toMatchObject({ executionOrder: 'v1', callerPolicy: 'workflowsFromSameOwner' });
    expect(settings['timezone']).toBeUndefined();
    const unattended = nodes.some(({ type }) => type.endsWith('.syncWebhookTrigger') || type.endsWith('.scheduleTrigger'));
    expect(settings.errorWorkflow).toBe(unattended ? 'twsErrors' : undefined);
    if (nodes.some(({ type }) => type.endsWith('.httpRequest')) && workflow.name.startsWith('Writer')) expect(description).toMatch(/^Writes to/u);
  });

  it('states its rules on notes', () => {
    const words = nodes.filter(({ type }) => type === STICKY).map((note) => textsOf(note.parameters['content']).join(''));
    expect(words.length).toBeGreaterThan(0);
    for (const text of words) expect(text).toMatch(/^## .+\n.+\.$/su);
  });

  it('names its nodes for what they do here', () => {
    const names = working(workflow).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).not.toMatch(/^(HTTP Request|Merge|If|Switch|Edit Fields|Execute (Sub-)?[Ww]orkflow|Wait|Filter|Webhook|Normalize)\d*$/u);
  });

  it('refers only to workflows that are there', () => {
    for (const id of referencesOf(workflow, known)) expect(known, id).toContain(id);
    for (const node of nodes.filter(({ type }) => type.endsWith('.executeWorkflow'))) expect(node.parameters['workflowId'], node.name).toMatchObject({ __rl: true, mode: 'id' });
  });

  it('hands sub-workflows the inputs that they declare, and maps no others', () => {
    for (const node of nodes.filter(({ type }) => type.endsWith('.executeWorkflow'))) {
      const called = calledBy(node);
      const reader = called ?? 'twsIngestCrm';
      const trigger = byId.get(reader)!.nodes.find(({ type }) => type.endsWith('.executeWorkflowTrigger'))!;
      const declared = textsOf(parametersOf(trigger, 'workflowInputs', 'values'), 'name');
      expect(declared.length, reader).toBeGreaterThan(0);
      expect(textsOf(parametersOf(node, 'workflowInputs', 'schema'), 'id'), node.name).toEqual(declared);
      expect(declared, node.name).toEqual(expect.arrayContaining(Object.keys(parametersOf(node, 'workflowInputs', 'value') as object)));
    }
  });

  it('connects what is there', () => {
    for (const { from, to } of links) {
      expect(nodeOf(workflow, from), from).toBeDefined();
      expect(nodeOf(workflow, to), to).toBeDefined();
    }
    const reached = new Set(links.map(({ to }) => to));
    for (const node of working(workflow)) expect(isTrigger(node) || reached.has(node.name), `${node.name} is reached`).toBe(true);
  });

  it('wires every error output, and every output of a Switch', () => {
    for (const node of working(workflow)) {
      const outputs = new Set(links.filter(({ from }) => from === node.name).map(({ output }) => output));
      const cases = node.type.endsWith('.switch') ? textsOf(parametersOf(node, 'rules', 'values'), 'outputKey') : null;
      if (cases !== null) {
        expect(parametersOf(node, 'options', 'fallbackOutput'), node.name).toBe('extra');
        for (let output = 0; output <= cases.length; output += 1) expect(outputs, `${node.name}, ${cases[output] ?? 'fallback'}`).toContain(output);
      }
      if (node['onError'] === 'continueErrorOutput') expect(outputs, node.name).toContain(outcomesOf(node));
    }
  });

  it('leads every output of the sync nodes somewhere', () => {
    for (const node of working(workflow).filter(({ type }) => type.startsWith('n8n-nodes-two-way-sync.'))) {
      const outputs = links.filter(({ from }) => from === node.name).map(({ output }) => output);
      for (let output = 0; output < wiredOutcomes(node); output += 1) expect(outputs, `${node.name}, output ${output}`).toContain(output);
    }
  });

  it('keeps secrets out of parameters', () => {
    for (const text of textsOf(nodes.map(({ parameters }) => parameters))) {
      expect(text).not.toMatch(/\$env|\$secrets|password\s*[:=]|api[_-]?key\s*[:=]|Bearer [A-Za-z0-9]|demo-token/iu);
      expect(text).not.toMatch(/\bSELECT\b.*\bFROM\b/u);
    }
    for (const node of nodes) for (const { name } of Object.values(node.credentials ?? {})) expect(name.length).toBeGreaterThan(0);
  });

  it('lets nobody in unasked, and through no node that would keep what proved the sender', () => {
    expect(nodes.filter(({ type }) => ['n8n-nodes-base.webhook', 'n8n-nodes-base.formTrigger'].includes(type))).toEqual([]);
    for (const node of nodes.filter(({ type }) => type.endsWith('.syncWebhookTrigger'))) {
      expect(node.parameters['authentication'], node.name).toMatch(/^(headerAuth|basicAuth)$/u);
      const proof = node.parameters['authentication'] === 'basicAuth' ? 'httpBasicAuth' : 'httpHeaderAuth';
      expect(Object.keys(node.credentials ?? {}).filter((name) => name !== 'syncLedgerApi'), node.name).toEqual([proof]);
      expect(node['webhookId'], node.name).toBeDefined();
    }
  });

  it('repeats only what can be repeated, and never follows a redirect with a credential', () => {
    for (const node of nodes.filter(({ type }) => type.endsWith('.httpRequest'))) {
      const reads = node.parameters['method'] === 'GET';
      expect(node['retryOnFail'] === true, node.name).toBe(reads);
      if (!reads) expect(JSON.stringify(node.parameters), node.name).toContain('Idempotency-Key');
      expect(parametersOf(node, 'options', 'redirect', 'redirect', 'followRedirects')).toBe(false);
      expect(parametersOf(node, 'options', 'response', 'response')).toMatchObject({ fullResponse: true, neverError: true });
      const pagination = parametersOf(node, 'options', 'pagination', 'pagination');
      if (pagination !== undefined) expect(pagination).toMatchObject({ limitPagesFetched: true });
    }
  });

  it('uses no node that is going away, no Code, and no Set for one reader', () => {
    for (const node of working(workflow)) {
      expect(FORBIDDEN).not.toContain(node.type);
      if (node.type.endsWith('.set')) expect(links.filter(({ from }) => from === node.name).length, node.name).not.toBe(1);
      expect(JSON.stringify(node.parameters)).not.toContain('$getPairedItem');
      if (node.type.endsWith('.executeWorkflow')) expect(node.parameters['mode'] ?? 'once').toBe('once');
    }
  });

  it('sends messages without attribution, and only once somebody chose a credential', () => {
    for (const node of nodes.filter(({ type }) => type.endsWith('.slack'))) {
      expect(node.disabled, node.name).toBe(true);
      expect(parametersOf(node, 'otherOptions', 'includeLinkToWorkflow')).toBe(false);
    }
  });

  it('gives each Merge as many inputs as are wired', () => {
    for (const node of nodes.filter(({ type }) => type.endsWith('.merge'))) {
      const inputs = new Set(links.filter(({ to }) => to === node.name).map(({ input }) => input));
      expect(inputs.size, node.name).toBe(node.parameters['numberInputs'] ?? 2);
    }
  });

  it('bounds its loops', () => {
    for (const start of nodes.filter((node) => node.parameters['operation'] === 'start')) expect(start.parameters['maxAttempts']).toBe(5);
    const looping = working(workflow).filter(({ name }) => reaches(links, name, name));
    const bounds = (node: NodeJson): boolean => node.parameters['operation'] === 'start' || JSON.stringify(node.parameters).includes('$runIndex <');
    if (looping.length > 0) expect(looping.some(bounds), 'the loop goes through a node that counts').toBe(true);
  });

  it('lays its nodes out left to right, none upon another', () => {
    const boxes = working(workflow).map((node) => ({ name: node.name, at: positionOf(node) }));
    for (const [index, one] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        const apart = Math.abs(one.at[0] - other.at[0]) >= 160 || Math.abs(one.at[1] - other.at[1]) >= 140;
        expect(apart, `${one.name} and ${other.name}`).toBe(true);
      }
    }
  });

  it('carries sample data on its trigger, if other workflows call it', () => {
    const trigger = nodes.find(({ type }) => type.endsWith('.executeWorkflowTrigger'));
    if (trigger !== undefined && !nodes.some(({ type }) => type.endsWith('.syncWebhookTrigger') || type.endsWith('.scheduleTrigger'))) expect(pinData[trigger.name]?.length, trigger.name).toBeGreaterThan(0);
    for (const name of Object.keys(pinData)) expect(nodeOf(workflow, name), name).toBeDefined();
  });
});

it('uses one mapping per system, in its ingest and in its writer', () => {
  for (const [ingest, writer] of [['twsIngestCrm', 'twsWriteCrm'], ['twsIngestSupport', 'twsWriteSupport']]) {
    const mappings = [ingest, writer].flatMap((id) => byId.get(id!)!.nodes.filter(({ type }) => type.endsWith('.normalize')).map(({ parameters: { operation: _o, itemHolds: _i, recordPath: _r, listPath: _l, options: _p, ...mapping } }) => mapping));
    expect(mappings).toHaveLength(3);
    for (const mapping of mappings) expect(mapping).toEqual(mappings[0]);
  }
});

function outcomesOf(node: NodeJson): number {
  const outcomes: Readonly<Record<string, number>> = { echoGuard: 3, diffEngine: 4, conflictRouter: 3 };
  const own = outcomes[node.type.split('.')[1] ?? ''];
  return own ?? wiredOutcomes(node);
}

/** Outputs of our nodes by operation; what a run without hints cannot give is left out. */
function wiredOutcomes({ type, parameters }: NodeJson): number {
  const byOperation: Readonly<Record<string, number>> = { start: parameters['emitRunOnly'] === true ? 1 : 3, check: 5, reserve: 5, release: 4, tellHolds: 1, previewGuards: 2, commit: 4, queueReview: 4, decideReview: 4, note: 3, take: 4, normalize: 2, denormalize: 3, readDecisions: 3 };
  if (type.endsWith('.echoGuard') || type.endsWith('.conflictRouter')) return 3;
  if (type.endsWith('.diffEngine')) return 4;
  return byOperation[String(parameters['operation'])] ?? 0;
}

function reaches(links: readonly Link[], from: string, to: string, seen = new Set<string>()): boolean {
  return links.filter((link) => link.from === from && !seen.has(link.to)).some((link) => {
    seen.add(link.to);
    return link.to === to || reaches(links, link.to, to, seen);
  });
}
