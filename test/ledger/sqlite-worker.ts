/** One process of several on one file: commits to one record until it has won twenty times, rechecking whenever it lost. */
import { openLedger } from '../../ledger/open-ledger';
import { checkItem, commitItem, record, snapshot, startRequest } from './items';

const WINS = 20;

async function work(file: string, name: string): Promise<number> {
  const store = openLedger({ kind: 'sqlite', file });
  let wins = 0;
  for (let round = 0; wins < WINS; round += 1) {
    const { run } = await store.start(startRequest('c1'));
    const [verdict] = await store.check(run, [checkItem({ full: true })]);
    if (verdict?.kind !== 'Changed') continue;
    const moved = snapshot(record({ name: `${name}-${round}` }));
    const [result] = await store.commit(run, [commitItem({ version: verdict.row?.version ?? 0, snapshots: { crm: moved, support: moved } })]);
    if (result?.kind === 'Committed' || result?.kind === 'Recheck' && result.reason === 'newer_hints') wins += 1;
  }
  await store.close();
  return wins;
}

const [file = '', name = ''] = process.argv.slice(2);
void work(file, name).then((wins) => process.stdout.write(String(wins)));
