/** What must hold after quiet and a sweep. Each violation is one line that says which promise was broken. */
import type { Override, ReviewItem } from '../../core/model';
import { liveRecords, type FakeRecord, type FieldName } from './fake-system';
import { emailOf, plain, type Edit } from './journal-of-edits';
import { SYSTEMS, type FakeName } from './machine-settings';
import { otherName, scopeOf } from './sweep';
import type { World } from './world';

const JUDGED: readonly FieldName[] = ['name', 'phone', 'city', 'zip'];

export async function brokenPromises(world: World): Promise<readonly string[]> {
  const { store } = world.ledger;
  const scope = scopeOf(world, 'a');
  const { items: reviews } = await store.reviews(scope, { limit: 500, offset: 0, id: null });
  const issues = await store.issues(scope, 500);
  const emails = [...new Set(SYSTEMS.flatMap((system) => Object.values(world.systems[system].records).map(({ fields }) => emailOf(fields))))];
  const broken: string[] = [];
  for (const email of emails) {
    const keys = keysOf(world, email);
    const pruned = world.deeds.pruned_overrides.flatMap(({ record_key, override }) => (keys.has(record_key) ? [override] : []));
    const overrides = (await Promise.all([...keys].map((key) => store.history(scope, key, 500)))).flatMap(({ entries }) => entries.flatMap((entry) => entry.overrides)).concat(pruned);
    const asked = reviews.filter((review) => keys.has(review.record_key));
    broken.push(...duplicates(world, email, asked), ...disagreements(world, email, asked, issues.some((issue) => issue.record_key !== null && keys.has(issue.record_key))), ...lostEdits(world, email, overrides, asked));
  }
  const { edits, writes, actions, allowance } = { ...world.deeds, edits: world.deeds.edits.length };
  if (writes.length > actions + edits + allowance) broken.push(`${writes.length} writes for ${actions} actions of users and ${allowance} faults`);
  return broken;
}

/** The rows that this record belongs to or belonged to: its ids name them. */
function keysOf(world: World, email: string): ReadonlySet<string> {
  const records = SYSTEMS.flatMap((system) => Object.values(world.systems[system].records));
  return new Set(records.filter(({ fields }) => fields.email === email).map(({ id }) => `${world.ledger.record_type}_${id}`));
}

const live = (world: World, system: FakeName, email: string): readonly FakeRecord[] => liveRecords(world.systems[system]).filter((record) => record.fields.email === email);

function duplicates(world: World, email: string, asked: readonly ReviewItem[]): readonly string[] {
  if (world.deeds.undeleted.has(email)) return [];
  return SYSTEMS.flatMap((system) => {
    const created = world.deeds.writes.filter((write) => write.system === system && write.op === 'create' && write.email === email).map(({ id }) => id);
    const twice = live(world, system, email).filter(({ id }) => created.includes(id));
    // Who made a second record of one person in one system has two pairs from then on.
    const partners = live(world, otherName(system), email);
    // So has who is asked which of the two is meant (a late create for a deleted record, say, beside that for another one), or about a refused partner.
    const isEach = madeByUsers(world, email) > 1 && (partners.length >= twice.length || asked.some(({ kind, status }) => ['ambiguous', 'rejected_write'].includes(kind) && status === 'open'));
    return twice.length > 1 && !isEach ? [`${email} was created twice in ${system}: ${twice.map(({ id }) => id).join(', ')}`] : [];
  });
}

function madeByUsers(world: World, email: string): number {
  const ours = new Set(world.deeds.writes.filter(({ op }) => op === 'create').map(({ system, id }) => `${system} ${id}`));
  return SYSTEMS.flatMap((system) => Object.values(world.systems[system].records).filter(({ id, fields }) => fields.email === email && !ours.has(`${system} ${id}`))).length;
}

function disagreements(world: World, email: string, asked: readonly ReviewItem[], issue: boolean): readonly string[] {
  if (world.deeds.kept_apart.has(email)) return [];
  const [inA, inB] = [live(world, 'a', email), live(world, 'b', email)];
  const whole = asked.some(({ subject }) => subject === '*' || subject.startsWith('rejected:') || subject.startsWith('claim:'));
  if (inA.length !== 1 || inB.length !== 1) {
    const explained = whole || issue || inA.length + inB.length === 0 || inA.length > 1 || inB.length > 1;
    return explained ? [] : [`${email} is ${inA.length} times in a and ${inB.length} times in b, and nobody is asked`];
  }
  const [a, b] = [inA[0]?.fields, inB[0]?.fields];
  if (a === undefined || b === undefined) return [];
  return ([...JUDGED, 'tags', 'score'] as const).flatMap((field) => {
    const [left, right] = [plain(field, a[field]), plain(field, b[field])];
    if (left === right || asked.some((review) => review.fields.includes(field))) return [];
    // An empty value erases nothing where the mapping does not permit it.
    if (field !== 'phone' && (left === '' || right === '')) return [];
    const held = (system: FakeName): string => (system === 'a' ? left : right);
    const reformatted = world.deeds.reformatted.some((done) => done.email === email && done.field === field && held(done.system) === plain(field, done.stored) && held(otherName(done.system)) === plain(field, done.sent));
    if (reformatted) return [];
    return [`${email} ${field}: ${left} in a, ${right} in b, and nobody is asked`];
  });
}

/** The last edit of each side either survives, or was knowingly replaced by a later one, or its override is in the history. */
function lostEdits(world: World, email: string, overrides: readonly Override[], asked: readonly ReviewItem[]): readonly string[] {
  const edits = withoutRoundTrips(world, world.deeds.edits.filter((edit) => edit.email === email));
  return JUDGED.flatMap((field) => SYSTEMS.flatMap((system): readonly string[] => {
    const last = edits.filter((edit) => edit.field === field && edit.system === system).at(-1);
    if (last === undefined || isExplained(world, last, edits, overrides, asked)) return [];
    return [`${email} ${field}: the edit to ${plain(field, last.value)} in ${system} (step ${last.step}) is lost without a record`];
  }));
}

/** Without edits that were taken back before anybody saw them, or changed only how a value is spelled. */
function withoutRoundTrips(world: World, edits: readonly Edit[]): readonly Edit[] {
  let kept: readonly Edit[] = [];
  for (const edit of edits) {
    const same = (earlier: Edit): boolean => earlier.system === edit.system && earlier.id === edit.id && earlier.field === edit.field;
    // What a write of ours lay over stays: the edit that it took back is none that the run could have kept.
    const first = edit.blind ? -1 : [...kept, edit].findIndex((earlier) => same(earlier) && world.memory.isUnseenRoundTrip(earlier, edit));
    kept = first === -1 ? [...kept, edit] : kept.filter((earlier, at) => at < first || !same(earlier));
  }
  return kept;
}

function isExplained(world: World, edit: Edit, edits: readonly Edit[], overrides: readonly Override[], asked: readonly ReviewItem[]): boolean {
  const { field, email, step } = edit;
  const value = plain(field, edit.value);
  // Whoever decides to leave both sides alone has seen both. An edit made later travels like every other.
  if (value === '' || edit.blind || step <= (world.deeds.kept_apart.get(email) ?? -1)) return true;
  if (edit.restored && live(world, edit.system, email).length > 0) return true;
  const present = SYSTEMS.flatMap((system) => live(world, system, email)).some((record) => plain(field, record.fields[field]) === value);
  const asks = asked.some((review) => review.fields.includes(field) || review.subject === '*' || review.subject.startsWith('claim:'));
  const replaced = edits.some((later) => later !== edit && (later.step >= step || world.memory.areInTurn(edit, later)) && later.field === field && plain(field, later.replaced) === value);
  const overridden = overrides.some((override) => override.field === field && plain(field, override.lost ?? null) === value);
  const deleted = world.deeds.deletions.some((deletion) => deletion.email === email && deletion.step >= step && (deletion.system === edit.system || edit.restored || plain(field, deletion.held[field]) === value));
  return present || asks || replaced || overridden || deleted;
}
