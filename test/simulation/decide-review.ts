/** A person answers one question, and the sync looks at the record again, as the review workflow does. */
import type { ReviewDecision, ReviewItem } from '../../core/model';
import { scopeOf } from './sweep';
import type { World } from './world';
import { begin } from './world/workers';

export async function decideReview(world: World, review: ReviewItem, decision: ReviewDecision): Promise<void> {
  const verdict = await world.ledger.store.decide({ ...scopeOf(world, 'a'), review_id: review.id, decision, shown: review.values });
  world.tell(`a person decides ${review.subject}: ${JSON.stringify(decision)}: ${verdict.kind}`);
  if (verdict.kind !== 'Decided') return;
  world.deeds.actions += 2;
  if (decision.kind === 'keep_apart') for (const email of world.deeds.made) world.deeds.kept_apart.set(email, world.step);
  const free = world.workers.indexOf(null);
  if (free === -1) world.webhooks.push(...verdict.read);
  else begin(world, free, { source: 'a', target: 'b', hints: verdict.read, cause: 'decision', full: true });
}
