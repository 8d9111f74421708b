/** Everything that may happen next: users, webhooks, runs, crashes, leases, people who decide. */
import { decideStep } from '../../support/memory-ledger/steps';
import { userCreates, userDeletes, userEdits } from '../fake-system';
import type { Effect } from '../run-machine';
import { knownBy, withEdit, withSetBack } from './past';
import { deliver, readInPart, stepRun, valuesOf, wantedBy, write } from './run-step';
import { resumeRun } from '../run-machine';
import { otherSide, sideOf, SYSTEMS, type Side } from './scope';
import type { Move } from './search';
import { textOf } from './values';
import { UNTOLD, withHints, type Setting, type World } from './world';

export const EMAIL = 'ann@example.org';

export function movesOf(setting: Setting, world: World): readonly Move<World>[] {
  return [...users(setting, world), ...webhooks(setting, world), ...runs(setting, world), ...leases(world), ...people(setting, world)];
}

const less = <T extends { readonly [side in Side]: number }>(counts: T, side: Side): T => ({ ...counts, [side]: counts[side] - 1 });

function* users({ scope }: Setting, world: World): Generator<Move<World>> {
  for (const side of SYSTEMS) {
    const { left, past, systems } = world;
    const system = systems[side];
    if (left.creates[side] > 0) {
      let made = past;
      for (const field of scope.fields) made = withEdit(made, side, field, null);
      const fields = Object.fromEntries(scope.fields.map((field, index) => [field, textOf(past.edits.length + 1 + index)]));
      const { state, hints } = userCreates(system, { email: EMAIL, ...fields }, UNTOLD);
      yield { title: () => `user of ${side} creates ${Object.values(fields).join(', ')}`, to: withHints({ ...world, systems: { ...systems, [side]: state }, past: { ...made, changes: past.changes + 1 }, left: { ...left, creates: less(left.creates, side) } }, hints) };
    }
    for (const record of Object.values(system.records)) {
      const values = valuesOf(record);
      if (values === null) continue;
      if (left.edits[side] > 0) for (const field of scope.fields) yield* edits(scope.setBacks, world, side, record.id, field, values[field] ?? 0);
      if (left.deletes[side] > 0) {
        const { state, hints } = userDeletes(system, record.id, UNTOLD);
        let deleted = past.deleted;
        for (const edit of Object.values(values)) deleted |= knownBy(past, edit);
        yield { title: () => `user of ${side} deletes ${record.id}`, to: withHints({ ...world, systems: { ...systems, [side]: state }, past: { ...past, deleted, changes: past.changes + 1 }, left: { ...left, deletes: less(left.deletes, side) } }, hints) };
      }
    }
  }
}

function* edits(setBacks: boolean, world: World, side: Side, id: string, field: 'name' | 'city', under: number): Generator<Move<World>> {
  const { left, past, systems } = world;
  const moved = (value: number, then: World['past'], title: () => string): Move<World> => {
    const { state, hints } = userEdits(systems[side], id, { [field]: textOf(value) }, UNTOLD);
    return { title, to: withHints({ ...world, systems: { ...systems, [side]: state }, past: then, left: { ...left, edits: less(left.edits, side) } }, hints) };
  };
  const fresh = past.edits.length + 1;
  yield moved(fresh, withEdit(past, side, field, under), () => `user of ${side} sets ${field} of ${id} to v${fresh}`);
  if (!setBacks) return;
  for (let earlier = 0; earlier < fresh; earlier += 1) {
    if (earlier === under || (earlier > 0 && past.edits[earlier - 1]?.field !== field)) continue;
    yield moved(earlier, withSetBack(past, side, field, earlier), () => `user of ${side} sets ${field} of ${id} to v${earlier} again`);
  }
}

function* webhooks(setting: Setting, world: World): Generator<Move<World>> {
  const { left, past, hints } = world;
  for (const hint of hints) {
    const gone = { ...world, hints: hints.filter((other) => other !== hint) };
    const name = `${hint.system} ${hint.native_id}`;
    if (world.runs.length < setting.scope.runs) {
      yield { title: () => `hint of ${name} arrives, a run starts`, to: deliver(setting, gone, hint) };
      if (left.duplicates > 0) yield { title: () => `hint of ${name} arrives and will come again, a run starts`, to: deliver(setting, { ...world, left: { ...left, duplicates: left.duplicates - 1 } }, hint) };
    }
    if (left.losses > 0) yield { title: () => `hint of ${name} is lost`, to: { ...gone, left: { ...left, losses: left.losses - 1 }, past: { ...past, losses: past.losses + 1 } } };
  }
}

function* runs(setting: Setting, world: World): Generator<Move<World>> {
  const { left, past } = world;
  for (const [index, running] of world.runs.entries()) {
    const effect = wantedBy(setting, running);
    if (effect === null) continue;
    yield { title: () => `run ${index + 1}: ${said(effect)}`, to: stepRun(setting, world, index) };
    if (left.partials > 0 && effect.kind === 'read') yield { title: () => `run ${index + 1}: ${said(effect)}, and is not shown the city`, to: readInPart(setting, { ...world, left: { ...left, partials: left.partials - 1 }, past: { ...past, partials: past.partials + 1 } }, index, effect) };
    if (left.crashes > 0) yield { title: () => `run ${index + 1} crashes`, to: { ...world, runs: world.runs.filter((other) => other !== running), left: { ...left, crashes: left.crashes - 1 }, past: { ...past, crashes: past.crashes + 1 } } };
    if (left.timeouts > 0 && effect.kind === 'write') {
      const silent = { ...world, left: { ...left, timeouts: left.timeouts - 1 }, past: { ...past, timeouts: past.timeouts + 1 } };
      const state = resumeRun(setting.machine, running.state, { kind: 'response', response: { error: { message: 'time-out' } } });
      const told = (after: World): World => ({ ...after, runs: after.runs.map((other) => (other === running ? { ...running, state } : other)) });
      yield { title: () => `run ${index + 1}: ${said(effect)}, which lands, but no answer comes`, to: told(write(silent, running, sideOf(effect.system), effect.request).world) };
      yield { title: () => `run ${index + 1}: ${said(effect)}, which never arrives`, to: told(silent) };
    }
  }
}

export function said(effect: Effect): string {
  switch (effect.kind) {
    case 'start':
      return `Start, reading ${effect.request.hints.map(({ system, native_id }) => `${system} ${native_id}`).join(' and ')}`;
    case 'read':
      return `reads ${effect.system} ${effect.asked.native_id ?? effect.asked.match_key ?? ''}`;
    case 'write':
      return `${effect.request.op} ${effect.system} ${effect.request.native_id ?? ''} ${JSON.stringify(effect.request.body)}`;
    case 'check':
    case 'reserve':
    case 'commit':
    case 'finish':
      return { check: 'Check', reserve: 'Reserve', commit: 'Commit', finish: 'Finish' }[effect.kind];
  }
}

/** A crashed run's lease expires for nothing; a living run's costs. */
function* leases(world: World): Generator<Move<World>> {
  const { left, past, now } = world;
  for (const row of Object.values(world.ledger.records)) {
    const { lease } = row;
    if (lease === null || Date.parse(lease.expires_at) <= now) continue;
    const holder = world.runs.findIndex((running) => running.run_id === lease.run_id);
    const after = Date.parse(lease.expires_at) + 1;
    if (holder < 0) yield { title: () => `the crashed run's lease on ${row.record_key} expires`, to: { ...world, now: after } };
    else if (left.expiries > 0) yield { title: () => `the lease of run ${holder + 1} on ${row.record_key} expires while it is alive`, to: { ...world, now: after, left: { ...left, expiries: left.expiries - 1 }, past: { ...past, expiries: past.expiries + 1 } } };
  }
}

function* people({ machine }: Setting, world: World): Generator<Move<World>> {
  const { left, past } = world;
  if (left.decisions === 0) return;
  for (const row of Object.values(world.ledger.records)) {
    for (const review of row.reviews) {
      if (review.status !== 'open') continue;
      for (const winner of SYSTEMS) {
        const { state, answer } = decideStep(world.ledger, { sync: machine.sync, record_type: machine.record_type, source: winner, target: otherSide(winner), review_id: review.id, decision: { kind: 'winner', system: winner, by: 'ann' }, shown: review.values });
        const read = answer.kind === 'Decided' ? answer.read.slice(0, 1) : [];
        yield { title: () => `a person decides ${review.subject}: ${winner} wins`, to: withHints({ ...world, ledger: state, left: { ...left, decisions: left.decisions - 1 }, past: { ...past, decisions: past.decisions + 1 } }, read) };
      }
    }
  }
}
