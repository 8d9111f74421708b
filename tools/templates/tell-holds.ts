/** One alert for each hold, however many runs are held by it. */
import type { Canvas, Cell } from './canvas';
import { SLACK } from './n8n-nodes';
import type { Direction } from './names';
import { LEDGER_COMMIT, ledgerOrStop, scope } from './our-nodes';
import { plainInSlack, slackMessage } from './router';

/** @returns the node that held items (or one item of a sweep) lead to */
export function tellHolds(canvas: Canvas, { source, target }: Pick<Direction, 'source' | 'target'>, [column, row]: Cell): string {
  const tell = canvas.add('Is a hold new?', LEDGER_COMMIT, [column, row], { resource: 'hold', operation: 'tellHolds', ...scope(source.key, target.key) }, { ...ledgerOrStop, executeOnce: true });
  const slack = canvas.add('Tell the owners that the sync is held', SLACK, [column + 1, row], slackMessage(`=The sync is held, and writes nothing until a person releases it. {{ ${plainInSlack('$json.reason')} }} {{ ${plainInSlack('$json.remedy')} }} Release it on the review page of this n8n: /webhook/two-way-sync/review`), { disabled: true, onError: 'continueRegularOutput' });
  canvas.link(tell, 0, slack);
  return tell;
}
