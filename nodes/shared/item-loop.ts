/**
 * The one item loop of the package. A node reads its items here, decides, and places them on named outputs; what fails is
 * placed where nothing is written.
 *
 * A failed item carries `verdict.kind` `Failed`, and every node hands such an item on as failed again instead of working on
 * it. So no wiring mistake on the canvas can turn a failed item into a write, or end its run as if it had been synced.
 */
import type { IDataObject, IExecuteFunctions, INodeExecutionData, IPairedItemData } from 'n8n-workflow';
import { carried, hasFailed, recordKeyOf, type IncomingJson } from './envelope';
import { failureOf, nodeError, toNodeError, type Failure } from './error-mapping';

export interface ReadItem<T> {
  readonly index: number;
  readonly value: T;
}

/**
 * Runs a node's work over its items. With Continue On Fail nothing may be thrown, bad settings and an unreachable ledger
 * included: n8n answers a thrown error by handing the *incoming* items to the first output, which is the one that leads
 * to a write. So all of them fail instead, and none goes on.
 */
export async function runItemLoop<Output extends string>(
  context: IExecuteFunctions,
  outputs: readonly Output[],
  failTo: Output,
  work: (loop: ItemLoop<Output>) => Promise<void> | void,
): Promise<INodeExecutionData[][]> {
  const loop = new ItemLoop(context, outputs, failTo);
  try {
    await work(loop);
    return loop.outputs();
  } catch (error) {
    if (!context.continueOnFail()) throw toNodeError(context.getNode(), error);
    const refused = new ItemLoop(context, outputs, failTo);
    refused.failAll(failureOf(error));
    return refused.outputs();
  }
}

export class ItemLoop<Output extends string> {
  private readonly items: readonly INodeExecutionData[];

  constructor(
    private readonly context: IExecuteFunctions,
    outputs: readonly Output[],
    /** The output that leads to no write. */
    private readonly failTo: Output,
    private readonly input = 0,
    private readonly placed: ReadonlyMap<Output, INodeExecutionData[]> = new Map(outputs.map((output) => [output, []])),
  ) {
    this.items = context.getInputData(input);
  }

  /** The same outputs, fed from the node's second input. */
  secondInput(): ItemLoop<Output> {
    return new ItemLoop(this.context, [], this.failTo, 1, this.placed);
  }

  /**
   * Reads every item. One that cannot be read has failed and is not among the answers.
   * @param withFailed for steps that report failures instead of working on records
   */
  read<T>(parse: (json: IncomingJson, index: number) => T, withFailed = false): readonly ReadItem<T>[] {
    return this.items.flatMap(({ json }, index) => {
      if (withFailed || !hasFailed(json)) return this.tried(index, () => parse(json, index));
      this.passOn(this.failTo, index);
      return [];
    });
  }

  /** One item's value, or nothing when making it failed. */
  tried<T>(index: number, make: () => T): readonly ReadItem<T>[] {
    const made: ReadItem<T>[] = [];
    this.attempt(index, () => made.push({ index, value: make() }));
    return made;
  }

  /** Runs one item's part of the work; what it throws concerns that item only. */
  attempt(index: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(index, failureOf(error));
    }
  }

  /** One call for all items, to the ledger. When it fails nothing is known about any of them, so none goes on. */
  async together<T>(indexes: readonly number[], call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      const failure = failureOf(error);
      if (!this.context.continueOnFail() || indexes.length === 0) throw nodeError(this.context.getNode(), failure);
      for (const index of indexes) this.fail(index, failure);
      return null;
    }
  }

  json(index: number): IncomingJson {
    return this.items[index]?.json ?? {};
  }

  /** Puts one new item on an output, linked to the item (or items) it came from. Binary data stays with it. */
  place(output: Output, from: number | readonly number[], json: IDataObject, also: readonly IPairedItemData[] = []): void {
    const sources = typeof from === 'number' ? [from] : from;
    const binary = sources.map((index) => this.items[index]?.binary).find((data) => data !== undefined);
    const [first, ...more] = [...sources.map((item): IPairedItemData => ({ item, input: this.input })), ...also];
    this.placed.get(output)?.push({
      json,
      ...(first === undefined ? {} : { pairedItem: more.length === 0 ? first : [first, ...more] }),
      ...(binary === undefined ? {} : { binary }),
    });
  }

  /** An item as it came in. */
  passOn(output: Output, index: number): void {
    this.place(output, index, { ...this.items[index]?.json });
  }

  /** Places a failed item, or throws when the person has not chosen to go on. */
  fail(index: number, failure: Failure): void {
    const json = this.json(index);
    const error = nodeError(this.context.getNode(), failure, { item: index, record_key: recordKeyOf(json) });
    if (!this.context.continueOnFail()) throw error;
    this.placed.get(this.failTo)?.push({
      json: {
        ...carried(json),
        verdict: { kind: 'Failed', reason: error.message, hint: failure.hint },
        rejected: { code: 'failed_item', reasons: [error.message], retryable: true },
      },
      pairedItem: { item: index, input: this.input },
      // With "Continue (using error output)" n8n moves items that carry an error there. In the other modes it would replace the
      // item's json by the message alone, and later nodes could not see that it failed.
      ...(this.context.getNode().onError === 'continueErrorOutput' ? { error } : {}),
    });
  }

  failAll(failure: Failure): void {
    for (const index of this.items.keys()) this.fail(index, failure);
  }

  /** Indexes of all items, for what is made from the batch as a whole. */
  all(): readonly number[] {
    return [...this.items.keys()];
  }

  /** All outputs in order, as n8n wants them. */
  outputs(): INodeExecutionData[][] {
    return [...this.placed.values()];
  }
}
