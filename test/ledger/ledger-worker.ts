/**
 * One process of many on one ledger. `migrate` opens it and makes the schema; `hammer` takes a fixed number of batches of few
 * records through Start, Check, Reserve, Commit and Finish, and says what became of each.
 */
import { z } from 'zod';
import { openLedger, type LedgerSettings } from '../../ledger/open-ledger';
import type { CheckVerdict, LedgerStore, ReserveItem } from '../../ledger/ledger-store';
import { checkItem, commitItem, intent, reserveItem, scope, startRequest } from './items';

const settingsSchema = z.union([z.object({ kind: z.literal('sqlite'), file: z.string() }), z.object({ kind: z.literal('postgres'), connectionString: z.string(), schema: z.string() })]);

/** Between Reserve and Commit the others have time to come in. */
export interface Hold {
  readonly record_key: string;
  readonly fencing_token: number;
}
export interface Hammered {
  readonly committed: readonly Hold[];
  readonly refused: number;
}

const RECORDS = 6;

function reservations(ids: readonly number[], verdicts: readonly CheckVerdict[]): readonly ReserveItem[] {
  return ids.flatMap((id, index) => {
    const verdict = verdicts[index];
    if (verdict?.kind !== 'Changed') return [];
    return [reserveItem({ record_key: `contact_${id}`, version: verdict.row?.version ?? 0, links: { crm: `c${id}`, support: `s${id}` }, intents: [intent({ native_id: `s${id}` })] })];
  });
}

/** Every process takes the records in an order of its own: locks taken in the order of the items would meet head-on. */
async function round(store: LedgerStore, seed: number, number: number, hammered: { committed: Hold[]; refused: number }): Promise<void> {
  const size = 1 + ((seed + number) % 4);
  const ids = [...new Set(Array.from({ length: size }, (_, index) => (seed * 5 + number * 3 + index * (seed % 2 === 0 ? 1 : RECORDS - 1)) % RECORDS))];
  const hints = ids.flatMap((id) => [{ system: 'crm', native_id: `c${id}` }, { system: 'support', native_id: `s${id}` }]);
  const { run } = await store.start({ ...startRequest(), hints });
  const verdicts = await store.check(run, ids.map((id) => checkItem({ native_id: `c${id}`, proposed_key: `contact_${id}`, fingerprint: `v1:${seed}-${number}`, full: true })));
  const items = reservations(ids, verdicts);
  const reserved = await store.reserve(run, items);
  const held = reserved.flatMap((verdict, index) => (verdict.kind === 'Reserved' ? [{ ...verdict, links: items[index]?.links ?? {} }] : []));
  const commits = await store.commit(run, held.map(({ record_key, fencing_token, links }) => commitItem({ record_key, fencing_token, links })));
  hammered.refused += ids.length - held.length;
  for (const [index, { record_key, fencing_token }] of held.entries()) {
    const verdict = commits[index];
    if (verdict?.kind === 'Committed' || (verdict?.kind === 'Recheck' && verdict.reason === 'newer_hints')) hammered.committed.push({ record_key, fencing_token });
    else throw new Error(`A live lease was not good at Commit: ${JSON.stringify(verdict)}`);
  }
}

async function main(): Promise<void> {
  const [task = '', json = '', seed = '0', rounds = '0'] = process.argv.slice(2);
  const settings: LedgerSettings = settingsSchema.parse(JSON.parse(json));
  const store = openLedger(settings);
  await store.migrate();
  const hammered: { committed: Hold[]; refused: number } = { committed: [], refused: 0 };
  if (task === 'hammer') for (let number = 0; number < Number(rounds); number += 1) await round(store, Number(seed), number, hammered);
  else await store.pending(scope, 1);
  await store.close();
  process.stdout.write(JSON.stringify(hammered));
}

void main();
