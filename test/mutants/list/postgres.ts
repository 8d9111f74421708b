import { byTests, mutantsOf, type Mutant } from '../mutant';

const check = mutantsOf('ledger/postgres/migrations/0005-check.ts');
const reserve = mutantsOf('ledger/postgres/migrations/0006-reserve.ts');
const commit = mutantsOf('ledger/postgres/migrations/0007-commit.ts');
const contract = byTests('test/ledger/postgres.test.ts');

/** PL/pgSQL says the rules of the steps once more; the ledger's contract looks after them on a real PostgreSQL. */
export const POSTGRES_MUTANTS: readonly Mutant[] = [
  check('law 15', 'PostgreSQL: the read token is ignored by Check', `WHEN f.changed_seq > v_token THEN 'Recheck'`, `WHEN f.changed_seq < 0 THEN 'Recheck'`, contract),
  check('F2', 'PostgreSQL: Check does not look at the lease', `WHEN f.lease_run <> v_run AND f.lease_expires_at > v_now THEN`, `WHEN f.lease_run <> f.lease_run THEN`, contract),
  check('F10', 'PostgreSQL: the echo in flight is known without the other fields', `ELSE i.echo_fingerprint = f.fingerprint END LIMIT 1)`, `ELSE f.fingerprint IS NOT NULL END LIMIT 1)`, contract),
  check('F11', 'PostgreSQL: the short cut is taken in spite of an open intent', `SELECT i.record_key FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = ANY (v_keys)`, `SELECT i.record_key FROM sync_intents i WHERE false`, contract),
  check('law 13', 'PostgreSQL: a dry run handles notes', `FROM verdicts v WHERE NOT v_dry GROUP BY`, `FROM verdicts v GROUP BY`, contract),
  reserve('law 7', 'PostgreSQL: Reserve does not compare the version', `WHERE coalesce(r.version, 0) <> e.version OR (r.version IS NOT NULL AND e.version = 0)`, `WHERE e.version < 0`, contract),
  reserve('F1', 'PostgreSQL: a younger hint does not stop Reserve', `n WHERE greatest(n.hint_seq, n.unlinked_seq) > (p_run->>'read_token')::bigint)`, `n WHERE n.hint_seq < 0)`, contract),
  reserve('F1', 'PostgreSQL: only an unhandled hint stops Reserve', `n WHERE greatest(n.hint_seq, n.unlinked_seq) > (p_run->>'read_token')::bigint)`, `n WHERE greatest(n.hint_seq, n.unlinked_seq) > (p_run->>'read_token')::bigint AND n.hint_seq > n.handled_seq)`, contract),
  reserve('law 15', 'PostgreSQL: a native id that its row has given up stops nobody', `WHERE greatest(n.hint_seq, n.unlinked_seq) > (p_run->>'read_token')::bigint)`, `WHERE n.hint_seq > (p_run->>'read_token')::bigint)`, contract),
  reserve('L8', 'PostgreSQL: two rows with one match key may both create', `AND i.op = 'create' AND i.record_key <> e.record_key`, `AND i.op = 'none' AND i.record_key <> e.record_key`, contract),
  reserve('L1', 'PostgreSQL: items of a batch that meet are handled at once', `WHERE t.earliest < t.place);`, `WHERE t.earliest < 0);`, byTests('test/ledger/batches.test.ts')),
  commit('law 4', 'PostgreSQL: a tuple that is written again stays where it was in the journal', `DO UPDATE SET synced_at = excluded.synced_at, seq = excluded.seq,`, `DO UPDATE SET synced_at = excluded.synced_at,`, contract),
  commit('F16', 'PostgreSQL: a plan without writes is committed without the tests of Reserve', `CASE WHEN j.reason IS NOT NULL THEN 'refused'`, `CASE WHEN j.reason = 'none' THEN 'refused'`, contract),
  commit('section 5', 'PostgreSQL: no fencing, whoever commits last is right', `WHEN r.lease_run IS NOT NULL AND r.fencing_token = (e.item->>'fencing_token')::bigint THEN 'held'`, `WHEN r.lease_run IS NOT NULL THEN 'held'`, contract),
  commit('L1', 'PostgreSQL: a create that was answered with a record another row knows to be gone stays open', `{schema}.sync_knows_gone(p_sync, o.record_key, o.system) OR `, ``, contract),
  commit('L1', 'PostgreSQL: a create that was answered with a record in whose place its own row waits to create one stays open', ` OR {schema}.sync_wants_to_create(p_sync, p_item->>'record_key', o.record_key, o.system)`, ``, contract),
  commit('24', 'PostgreSQL: Commit consumes all intents of the row', `WHEN (i.record_key, i.fencing_token || ':' || i.system) IN (`, `WHEN true OR (i.record_key, i.fencing_token || ':' || i.system) IN (`, contract),
  commit('F15', 'PostgreSQL: younger notes do not send the run back', `n WHERE n.hint_seq > n.handled_seq AND n.hint_seq > v_token) THEN 'newer_hints'`, `n WHERE n.hint_seq < 0) THEN 'newer_hints'`, contract),
  commit('F8', 'PostgreSQL: a late holder ends without a note of what it wrote', `WHERE c.kind = 'stale' AND ids.native_id IS NOT NULL`, `WHERE c.kind = 'none' AND ids.native_id IS NOT NULL`, contract),
];
