/** The sweep: what no webhook told, or nobody finished. Reads listings, not records, and hands the differences to the parents. */
import { Canvas, type JsonObject } from './canvas';
import { DIFF, INGEST, PARENT, RECONCILE, ROUTER } from './contracts';
import { CALL, CALLED, calls, declares, FILTER, IF, MANUAL, MERGE, NOTHING, oneAfterTheOther, SCHEDULE, SET, SWITCH, switchOn, when } from './n8n-nodes';
import { CRM_TO_SUPPORT, ID, SUPPORT_TO_CRM, TAGS, type Direction } from './names';
import { RULES } from './mappings';
import { CHECK, COMMIT, CONFLICT_ROUTER, FINISH, GUARDS, ledger, LEDGER_CHECK, LEDGER_COMMIT, ledgerOrStop, REPORT, scope, start } from './our-nodes';
import { tellHolds } from './tell-holds';

/** Every record, or only those that changed lately. The nightly run says nothing about it and is told by its name. */
const FULL = "(['full', 'rebaseline'].includes($('Sweep both systems').first().json.mode ?? ($('Every night').isExecuted ? 'full' : 'incremental')))";
/** What both systems hold is taken as agreed; nothing is written to them. */
const REBASELINE = "($('Sweep both systems').first().json.mode === 'rebaseline')";
const DRY = "$('Sweep both systems').first().json.dry_run === true";
/** Records may have changed while the last sweep was reading: two minutes are read twice. */
const SINCE = `(${FULL} || !$json.cursor ? null : DateTime.fromISO($json.cursor).minus({ minutes: 2 }).toUTC().toISO())`;

export function reconcileWorkflow(): JsonObject {
  const canvas = new Canvas({
    id: ID.reconcile,
    name: 'Sync - Reconcile',
    description: 'Sweeps both systems: finds what no webhook told, takes up what no run finished, and links two filled systems at first contact. Run by hand it is a preview that writes nothing; on schedule it writes through the two parents. With mode "rebaseline" it takes what both systems hold as agreed and writes to neither.',
    tags: TAGS,
    errorWorkflow: ID.errors,
  });
  const often = canvas.add('Every 15 minutes', SCHEDULE, [0, 0], { rule: { interval: [{ field: 'minutes', minutesInterval: 15 }] } });
  const nightly = canvas.add('Every night', SCHEDULE, [0, 1], { rule: { interval: [{ field: 'days', daysInterval: 1, triggerAtHour: 3, triggerAtMinute: 10 }] } });
  const manual = canvas.add('Preview by hand', MANUAL, [0, 2], {}, { notes: 'Pinned: mode and dry_run' });
  const called = canvas.add('When called by another workflow', CALLED, [0, 3], declares(RECONCILE));
  const begin = canvas.add('Sweep both systems', NOTHING, [1, 1], {});
  for (const trigger of [often, nightly, manual, called]) canvas.link(trigger, 0, begin);

  const plans = canvas.add('Plans of both directions', MERGE, [15, 5], oneAfterTheOther(2));
  const guards = canvas.add('Would a guard hold it?', LEDGER_COMMIT, [16, 5], { resource: 'hold', operation: 'previewGuards', ...GUARDS }, ledger);
  const preview = canvas.add('Preview', SET, [17, 5], { mode: 'raw', jsonOutput: PREVIEW, options: {} }, { executeOnce: true });
  canvas.chain(plans, guards, preview);
  canvas.link(guards, 1, preview);
  const real = canvas.add('Not in a preview', FILTER, [2, -3], when("$json.dry_run !== true && $json.mode !== 'rebaseline'"));
  canvas.link(begin, 0, real);
  canvas.link(real, 0, tellHolds(canvas, CRM_TO_SUPPORT, [3, -5]));
  unfinishedWork(canvas, real);
  oldRows(canvas, real);
  lane(canvas, CRM_TO_SUPPORT, 1, { begin, plans, input: 0 });
  lane(canvas, SUPPORT_TO_CRM, 7, { begin, plans, input: 1 });

  canvas.note('## Preview first\nRun by hand, nothing is written: the last node shows what was found and what would be written.', { from: [0, 0], to: [1, 3], color: 5 });
  canvas.note('## Unfinished work\nHints that nobody handled and writes that nobody committed are taken up first. Once a night the ledger forgets what nothing needs any more.', { from: [2, -3], to: [4.2, -2], color: 6 });
  canvas.note('## New baseline\nAfter a changed mapping or a lost ledger, call this with mode rebaseline: what is equal counts as agreed, what differs is decided as at first contact. Preview it first with dry_run.', { from: [11, -3], to: [14.2, -3], color: 7 });
  canvas.note('## Counts\nlinked, found, absent, ambiguous, and every planned write, and what the guards would hold.', { from: [15, 5], to: [17.2, 5], color: 3 });
  canvas.pin(manual, [{ mode: 'full', dry_run: true }]);
  return canvas.toJson();
}

function unfinishedWork(canvas: Canvas, real: string): void {
  const { source, target } = CRM_TO_SUPPORT;
  const pending = canvas.add('List unfinished work', LEDGER_CHECK, [3, -3], { resource: 'sweep', operation: 'listPending', ...scope(source.key, target.key), limit: 500 }, ledgerOrStop);
  const take = canvas.add('Take it up', CALL, [4, -3], calls(ID.crmToSupport, PARENT));
  canvas.chain(real, pending, take);
}

/** At night only: between two sweeps nothing grows old. */
function oldRows(canvas: Canvas, real: string): void {
  const { source, target } = CRM_TO_SUPPORT;
  const nightly = canvas.add('Only in a whole sweep', FILTER, [3, -2], when(`${FULL} === true`));
  const prune = canvas.add('Delete what is too old', LEDGER_COMMIT, [4, -2], { resource: 'sweep', operation: 'prune', ...scope(source.key, target.key), keep: {} }, { ...ledgerOrStop, executeOnce: true });
  canvas.chain(real, nightly, prune);
}

interface Joints {
  readonly begin: string;
  readonly plans: string;
  readonly input: number;
}

/** One direction: list the source, compare with the ledger, and only if something changed list the target too. */
function lane(canvas: Canvas, direction: Direction, row: number, { begin, plans, input }: Joints): void {
  const { source, target } = direction;
  const way = `${source.title} to ${target.title}`;
  const run = `$('Begin ${way}').first().json.sync`;
  const open = canvas.add(`Begin ${way}`, LEDGER_CHECK, [2, row], start(source.key, target.key, { recordId: '', recordSystem: '', cause: 'reconcile', dryRun: `={{ ${DRY} }}`, emitRunOnly: true }), ledgerOrStop);
  const cursor = canvas.add(`Where did ${source.title} end?`, LEDGER_CHECK, [3, row], { resource: 'sweep', operation: 'getCursor', ...scope(source.key, target.key), system: source.key }, ledgerOrStop);
  const list = canvas.add(`List ${source.title}`, CALL, [4, row], calls(source.ingest, INGEST, { sync: `={{ ${run} }}`, full: `={{ ${REBASELINE} }}`, list: `={{ { updated_since: ${SINCE} } }}`, complete_listing: `={{ ${SINCE} === null }}` }));
  const records = canvas.add(`Records of ${source.title}`, FILTER, [4, row + 1], when('!!$json.observation?.native_id'));
  const check = canvas.add(`Which of ${source.title} changed?`, LEDGER_CHECK, [5, row], CHECK, ledger);
  const quiet = canvas.add(`Nothing new in ${source.title}`, NOTHING, [6, row + 1], {});
  const whole = canvas.add(`Was ${source.title} listed whole?`, IF, [6, row], when('$json.complete_listing === true'));
  const listTarget = canvas.add(`List ${target.title} for ${source.title}`, CALL, [7, row - 1], calls(target.ingest, INGEST, { ...NOBODY, list: { updated_since: null }, complete_listing: true }), { executeOnce: true });
  const together = canvas.add(`${source.title} changes and ${target.title} listing`, MERGE, [8, row], oneAfterTheOther(2));
  const diff = canvas.add(`Compute changes ${way}`, CALL, [9, row], calls(ID.diff, DIFF, { reader: target.ingest }));
  const found = canvas.add(`What differs from ${source.title}?`, SWITCH, [10, row], switchOn([
    ['Changed', "$json.verdict?.kind === 'Changed'"],
    ['Unchanged', "$json.verdict?.kind === 'Unchanged'"],
    ['Read directly', "['Recheck', 'Unread'].includes($json.verdict?.kind)"],
  ], 'Failed'));
  const isBaseline = canvas.add(`New baseline ${way}?`, IF, [11, row], when(REBASELINE));
  const isPreview = canvas.add(`Preview of ${way}?`, IF, [12, row], when('$json.sync.dry_run === true'));
  const decide = canvas.add(`Decide ${way}, writing nothing`, CALL, [13, row + 2], calls(ID.router, ROUTER, { plan: null, reviews: null, verdict: null }));
  const hand = canvas.add(`Hand over to ${way}`, CALL, [13, row], calls(direction.id, PARENT, { hint: `={{ ${READ_SOURCE} }}`, full: "={{ $json.verdict?.kind === 'Unread' ? true : $json.full }}" }));
  const finish = canvas.add(`Finish ${way}`, LEDGER_COMMIT, [11, row + 2], FINISH, ledgerOrStop);
  const report = canvas.add(`Report issue of ${way}`, LEDGER_COMMIT, [11, row + 3], REPORT, ledgerOrStop);
  const reread = canvas.add(`Not in the preview of ${way}`, FILTER, [12, row + 1], when(`$json.sync.dry_run !== true && !${REBASELINE}`));

  canvas.link(begin, 0, open);
  canvas.chain(open, cursor, list, records, check, whole);
  canvas.link(check, 1, quiet);
  canvas.link(check, 2, quiet);
  canvas.link(check, 3, reread);
  canvas.link(check, 4, report);
  canvas.link(whole, 0, listTarget);
  canvas.link(whole, 0, together, 0);
  canvas.link(listTarget, 0, together, 1);
  canvas.chain(together, diff, found, isBaseline);
  canvas.link(isBaseline, 0, newBaseline(canvas, way, row, { report, plans, input }));
  canvas.link(isBaseline, 1, isPreview);
  canvas.link(isPreview, 0, decide);
  canvas.link(whole, 1, diff);
  canvas.link(found, 1, finish);
  canvas.link(found, 2, reread);
  canvas.link(found, 3, report);
  canvas.link(reread, 0, hand);
  canvas.link(isPreview, 1, hand);
  canvas.link(decide, 0, plans, input);
  missingAndCursor(canvas, direction, row, list);

  canvas.note(`## ${way}\n${source.title} is listed; ${target.title} is listed only if something changed. A complete listing is evidence, so nothing is read one by one.`, { from: [2, row - 1], to: [14.1, row + 3], color: 4 });
}

/** Writes to no system: only the ledger learns what both hold. */
function newBaseline(canvas: Canvas, way: string, row: number, { report, plans, input }: Pick<Joints, 'plans' | 'input'> & { readonly report: string }): string {
  const agree = canvas.add(`Take both as agreed, ${way}`, CONFLICT_ROUTER, [12, row - 1], { ...RULES, task: 'rebaseline', differences: 'rules' }, { onError: 'continueErrorOutput' });
  const store = canvas.add(`Store the new baseline ${way}`, LEDGER_COMMIT, [13, row - 1], COMMIT, ledger);
  const stored = canvas.add(`Stored, or seen again: ${way}`, NOTHING, [14, row - 1], {});
  canvas.link(agree, 1, store);
  for (const never of [0, 2, 3]) canvas.link(agree, never, report);
  canvas.link(store, 0, stored);
  canvas.link(store, 1, stored);
  canvas.link(store, 2, report);
  canvas.link(store, 3, plans, input);
  return agree;
}

/** A record that nobody hinted at names itself. */
const READ_SOURCE = '$json.hint ?? ($json.source ? { system: $json.source.system, native_id: $json.source.native_id } : null)';

/** The items of a listing that was called for belong to nobody: they must not look like source records. */
const NOBODY = { source: null, row: null, hint: null, record_key: null, as_record_key: null, held_fields: null, full: null, read_request: null };

/** An empty listing is an item too: it says that nothing was found. */
function missingAndCursor(canvas: Canvas, { id, source, target }: Direction, row: number, list: string): void {
  const real = canvas.add(`Not for a preview of ${source.title}`, FILTER, [5, row + 2], when('$json.sync.dry_run !== true'));
  const whole = canvas.add(`Only a whole listing of ${source.title}`, FILTER, [6, row + 2], when(`$json.complete_listing === true && !${REBASELINE}`));
  const missing = canvas.add(`Linked, but not listed in ${source.title}`, LEDGER_CHECK, [7, row + 2], { resource: 'sweep', operation: 'listMissing', ...scope(source.key, target.key), system: source.key }, ledgerOrStop);
  const read = canvas.add(`Read the missing of ${source.title}`, CALL, [8, row + 2], calls(id, PARENT, { full: true }));
  const save = canvas.add(`Remember where ${source.title} ended`, LEDGER_COMMIT, [6, row + 3], {
    resource: 'sweep',
    operation: 'saveCursor',
    ...scope(source.key, target.key),
    system: source.key,
    cursor: '={{ $input.all().map(({ json }) => json.observation.updated_at).sort((a, b) => DateTime.fromISO(a) - DateTime.fromISO(b)).at(-1) }}',
  }, ledgerOrStop);
  const timed = canvas.add(`Has a time in ${source.title}`, FILTER, [5, row + 3], when('!!$json.observation.updated_at'));
  canvas.link(list, 0, real);
  canvas.chain(real, whole, missing, read);
  canvas.link(real, 0, timed);
  canvas.link(timed, 0, save);
}

/**
 * n8n evaluates spreads of iterators its own way, hence the plain object. One record may be in both
 * directions' plans and counts once, by the pair of its ids; seen from its other side, an ambiguous match looks like a clear one.
 */
const PREVIEW = `={{ (() => {
  const items = $('Plans of both directions').all().map(({ json }) => json).filter((json) => json.plan);
  const idOf = (json, system) => [json.source, json.target].find((side) => side?.system === system)?.native_id ?? '-';
  const unclear = items.filter((json) => json.plan.situation === 'ambiguous').flatMap((json) => [idOf(json, 'crm'), idOf(json, 'support')]).filter((id) => id !== '-');
  const clear = items.filter((json) => json.plan.situation === 'ambiguous' || ![idOf(json, 'crm'), idOf(json, 'support')].some((id) => unclear.includes(id)));
  const plans = Object.values(Object.fromEntries(clear.map((json) => [idOf(json, 'crm') + ' | ' + idOf(json, 'support'), json.plan])));
  const count = (situation) => plans.filter((plan) => plan.situation === situation).length;
  const patches = plans.flatMap((plan) => plan.patches.map((patch) => ({ record_key: plan.record_key, system: patch.system, op: patch.op, fields: Object.keys(patch.fields) })));
  const writes = (system) => patches.filter((patch) => patch.system === system).length;
  return {
    dry_run: true,
    linked: count('linked'),
    found: count('found'),
    absent: count('absent'),
    ambiguous: count('ambiguous'),
    gone: count('gone'),
    would_write: { crm: writes('crm'), support: writes('support') },
    would_create: patches.filter(({ op }) => op === 'create').length,
    would_delete: patches.filter(({ op }) => op === 'delete').length,
    would_ask: plans.filter((plan) => plan.open_reviews.length > 0).length,
    would_differ: plans.filter((plan) => Object.values(plan.reasons).some((reason) => reason.startsWith('they differ'))).length,
    would_hold: ($json.holds ?? []).map(({ reason }) => reason),
    first_writes: patches.slice(0, 100),
  };
})() }}`;
