import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ICredentialDataDecryptedObject, IDataObject, NodeParameterValueType } from 'n8n-workflow';
import type { Observation } from '../../core/model';
import { asJson, SYNC } from './contacts';
import { jsonOf, runNode, type NodeRun, type NodeRunOptions } from './node-run';

type Parameters = Readonly<Record<string, NodeParameterValueType>>;

/** The two ledger nodes over a real SQLite file, and the stages between them, step by step as on the canvas. */
export class LedgerOnCanvas {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ledger-nodes-'));
  readonly credentials: ReadonlyMap<string, ICredentialDataDecryptedObject> = new Map([['ledger', { store: 'sqlite', file: join(this.folder, 'ledger.sqlite') }]]);

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async check(operation: string, parameters: Parameters, items: readonly IDataObject[], options: NodeRunOptions = {}): Promise<NodeRun> {
    return await runNode('ledgerCheck', { resource: resourceOf(operation), operation, ...parameters }, items, { credentials: this.credentials, ...options });
  }

  async commit(operation: string, parameters: Parameters, items: readonly IDataObject[], options: NodeRunOptions = {}): Promise<NodeRun> {
    return await runNode('ledgerCommit', { resource: resourceOf(operation), operation, ...parameters }, items, { credentials: this.credentials, ...options });
  }

  /** Start, then what was read of the source: items as Check wants them. */
  async read(observations: readonly Observation[], parameters: Parameters = {}): Promise<IDataObject[]> {
    const started = await this.check('start', { ...SYNC, ...parameters }, observations.map(({ native_id }) => ({ native_id })));
    return jsonOf(started.on['Started']).map((item, index) => ({ ...item, observation: asJson(observations[index] ?? {}) }));
  }

  /** From reads of both sides to the plan. Pairs are given in order; answers like the target's reader keep the item. */
  async plan(pairs: readonly (readonly [source: Observation, target: Observation])[], rules: Parameters = {}, parameters: Parameters = {}): Promise<NodeRun> {
    const checked = await this.check('check', {}, await this.read(pairs.map(([source]) => source), parameters));
    const both = jsonOf(checked.on['Changed']).map((item) => {
      const pair = pairs.find(([source]) => source.native_id === nativeIdOf(item['source']));
      return { ...item, observation: asJson(pair?.[1] ?? {}) };
    });
    const different = await runNode('diffEngine', {}, both);
    return await runNode('conflictRouter', rules, jsonOf(different.on['Changed']));
  }

  /** Plan, reserve, "write", commit: afterwards the ledger knows both sides. */
  async sync(pairs: readonly (readonly [source: Observation, target: Observation])[]): Promise<NodeRun> {
    const planned = await this.plan(pairs);
    const reserved = jsonOf(planned.on['Write']).length === 0 ? [] : jsonOf((await this.commit('reserve', {}, jsonOf(planned.on['Write']))).on['Reserved']);
    const written = reserved.map((item) => ({ ...item, writes: patchesOf(item).map(({ system }) => ({ system, outcome: { kind: 'written', observation: null } })) }));
    return await this.commit('commit', {}, [...written, ...jsonOf(planned.on['Converged'])]);
  }
}

const resourceOf = (operation: string): string => {
  if (['note', 'take'].includes(operation)) return 'burst';
  if (['start', 'check', 'reserve', 'commit', 'finish', 'reportIssue', 'erase'].includes(operation)) return 'record';
  if (['pause', 'release', 'tellHolds', 'previewGuards'].includes(operation)) return 'hold';
  if (['queueReview', 'decideReview', 'undoRun'].includes(operation)) return 'review';
  return ['listPending', 'listMissing', 'getCursor', 'saveCursor', 'prune'].includes(operation) ? 'sweep' : 'report';
};

function nativeIdOf(observation: unknown): unknown {
  return typeof observation === 'object' && observation !== null && 'native_id' in observation ? observation.native_id : undefined;
}

export function patchesOf(item: IDataObject): readonly { readonly system: string; readonly fields: IDataObject; readonly op: string }[] {
  return (item['plan'] as { patches: { system: string; fields: IDataObject; op: string }[] }).patches;
}
