/** What the runner starts inside the copy of the tree: one search, and one message with what it found. */
import { z } from 'zod';
import { exploreScope } from '../simulation/explore/main';
import { SCOPES } from '../simulation/explore/scopes';
import { inMemory, simulate } from '../simulation/simulate';

export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exploration'), scope: z.string(), seconds: z.number() }),
  z.object({ kind: z.literal('simulation'), seed: z.number(), from: z.number(), count: z.number() }),
]);
export type Order = z.infer<typeof orderSchema>;

/** `broken` null: nothing was noticed. `whole`: there was nothing left to be seen. */
export const findingSchema = z.object({ broken: z.string().nullable(), history: z.array(z.string()), whole: z.boolean() });
export type Finding = z.infer<typeof findingSchema>;

async function search(order: Order): Promise<Finding> {
  switch (order.kind) {
    case 'exploration': {
      const scope = SCOPES.find(({ name }) => name === order.scope);
      if (scope === undefined) throw new Error(`No scope is called "${order.scope}".`);
      const { violation, complete } = exploreScope(scope, order.seconds * 1000);
      return { broken: violation?.law ?? null, history: [...violation?.history ?? []], whole: complete };
    }
    case 'simulation': {
      const { violations } = await simulate({ seed: order.seed, from: order.from, count: order.count, open: inMemory, most_violations: 1 });
      const [found] = violations;
      return { broken: found?.violations[0] ?? null, history: [...found?.trace ?? []], whole: true };
    }
  }
}

async function main(): Promise<void> {
  const finding = await search(orderSchema.parse(JSON.parse(process.argv[2] ?? 'null')));
  process.send?.(finding);
  process.disconnect();
}

if (require.main === module) void main();
