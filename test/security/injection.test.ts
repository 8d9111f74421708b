/** Whatever a system or a person calls something, it is data: every step with hostile names in every place, on every store. */
import { expect, it } from 'vitest';
import { canonicalRecord } from '../../core/json/canonical-record';
import type { CommitItem, LedgerStore, StartRequest } from '../../ledger/ledger-store';
import { DEFAULT_RETENTION } from '../../ledger/retention';
import { checkItem, commitItem, intent, reserveItem, scope, snapshot, startRequest } from '../ledger/items';
import { onEveryStore } from './every-store';

const HOSTILE = [
  ['ends a string and drops a table', "'); DROP TABLE sync_records; --"],
  ['ends an identifier', '"; DROP SCHEMA public CASCADE; --'],
  ['ends a dollar quote', '$$; DELETE FROM sync_notes; $$'],
  ['names a placeholder', '$1 ?1 {schema} %s :name'],
  ['is a JSON path', "a' -> 'b' #>> '{c}'"],
  ['is a pattern', '%_\\%'],
  ['is what every object has', '__proto__'],
  ['is a method', 'constructor'],
  ['is another method', 'toString'],
  ['holds NUL and half a surrogate pair', 'a\u0000b\ud800c'],
  ['holds line breaks and quotes', 'a\r\n\t`"\'\\b'],
  ['is right to left, and an emoji', '\u202eevil\u2069 🔑'],
] as const;

interface Named extends StartRequest {
  readonly key: string;
}

/** The same text as name of everything that a caller names; the two systems must differ. */
const named = (text: string): Named => ({
  ...startRequest(), sync: text, record_type: text, source: text, target: `${text} `, cause: text, execution_id: text, key: text,
  hints: [{ system: text, native_id: text }],
});

const question = (text: string, request: Named): CommitItem['open_reviews'][number] => ({
  kind: 'conflict', subject: text, fields: [text], reason: text,
  values: { [request.source]: canonicalRecord([[text, text]]), [request.target]: canonicalRecord([[text, null]]) }, base: { [request.source]: canonicalRecord([]), [request.target]: canonicalRecord([]) },
});

async function isAlive(store: LedgerStore): Promise<void> {
  const { run } = await store.start(startRequest('c1'));
  expect(await store.commit(run, [commitItem()])).toMatchObject([{ kind: 'Committed' }]);
  expect(await store.missing(scope, 'crm', [])).toEqual([{ system: 'crm', native_id: 'c1' }]);
  await store.close();
}

onEveryStore('a name that', (open) => {
  it.each(HOSTILE)('%s is data in every step', async (_title, text) => {
    const store = open();
    const request = named(text);
    const values = canonicalRecord([[text, text]]);
    const { run, noted } = await store.start(request);
    expect(noted).toEqual([{ system: text, native_id: text, record_key: null, source_id: text }]);
    expect(await store.check(run, [checkItem({ system: text, native_id: text, proposed_key: text })])).toEqual([{ kind: 'Changed', row: null, full: false }]);
    const links = { [request.source]: text };
    const [reserved] = await store.reserve(run, [reserveItem({ record_key: text, links, intents: [intent({ system: request.target, op: 'create', to: values, from: values, idempotency_key: text, native_id: null, match_key: text })] })]);
    expect(reserved).toMatchObject({ kind: 'Reserved', record_key: text });
    const fencing_token = reserved?.kind === 'Reserved' ? reserved.fencing_token : null;
    const [committed] = await store.commit(run, [commitItem({
      record_key: text, fencing_token, links: { ...links, [request.target]: `${text}2` }, snapshots: { [request.source]: snapshot(values), [request.target]: snapshot(values) },
      journal: [{ direction: `${request.source}-to-${request.target}`, source_system: request.source, target_system: request.target, field_hash: text, change_set: { [text]: { from: null, to: text } }, idempotency_key: text, cause: text }],
      overrides: [{ system: text, field: text, lost: text, won: text, rule: text }], open_reviews: [question(text, request)],
      issues: [{ record_key: text, system: text, native_id: text, code: text, reasons: [text] }],
    })]);
    expect(committed).toMatchObject({ kind: 'Committed', opened_reviews: [{ record_key: text, subject: text, fields: [text], reason: text }] });

    const page = await store.reviews(request, { limit: 10, offset: 0, id: null });
    const [review] = page.items;
    expect(review?.values).toEqual(question(text, request).values);
    expect(await store.reviews(request, { limit: 10, offset: 0, id: text })).toEqual({ total: 0, items: [] });
    expect(await store.decide({ ...request, review_id: review?.id ?? '', shown: review?.values ?? {}, decision: { kind: 'value', by: text, value: values } })).toMatchObject({ kind: 'Decided', review: { decision: { by: text, value: values } } });
    expect(await store.decide({ ...request, review_id: text, shown: {}, decision: { kind: 'keep_apart', by: text } })).toEqual({ kind: 'Gone' });
    expect((await store.issues(request, 10))[0]).toMatchObject({ record_key: text, system: text, native_id: text, code: text, reasons: [text] });
    expect((await store.history(request, text, 10)).entries[0]).toMatchObject({ fields: [text], field_hash: text, cause: text });
    expect((await store.runs(request, 10))[0]).toMatchObject({ cause: text });
    await store.saveCursor(request, text, text);
    expect(await store.cursor(request, text)).toBe(text);
    expect(await store.missing(request, text, [`${text}3`])).toEqual([{ system: text, native_id: text }]);
    expect(await store.missing(request, text, [text])).toEqual([]);
    expect((await store.pending(request, 10)).hints).toContainEqual({ system: text, native_id: text });

    const next = (await store.start(request)).run;
    const [again] = await store.check(next, [checkItem({ system: text, native_id: text, full: true })]);
    expect(again).toMatchObject({ kind: 'Changed', row: { record_key: text, links: { [request.source]: text }, snapshots: { [request.source]: { record: values } }, latest: { field_hash: text } } });
    await store.finish(next, [{ record_key: text, hints: [{ system: text, native_id: text }], outcome: 'issue', issues: [] }]);
    await store.prune(request, DEFAULT_RETENTION);
    await isAlive(store);
  });
});
