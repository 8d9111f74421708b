/**
 * Check: the batch is taken apart once, and goes through each table once. The order of tests is that of `core/stages/ledger-check.ts`,
 * which says why.
 *
 * Always by key. The settings of the function, and LIMIT 1 where something need only exist, hold the planner to that: it knows no size
 * of a batch, and of a young ledger none of a table; it would read whole tables for a few records.
 */
export const check = {
  number: 5,
  name: 'check',
  sql: `
CREATE TYPE {schema}.sync_check_item AS (place bigint, system text, native_id text, fingerprint text, mapping_fingerprint text, is_full boolean, as_record_key text, recent_seconds double precision,
  proposed_key text, stamp_key text, stamp_token bigint);

-- An item, the row that it is linked to, and what the row that it is about said when it was locked. version null: there is none.
CREATE TYPE {schema}.sync_checked AS (place bigint, system text, native_id text, fingerprint text, mapping_fingerprint text, is_full boolean, as_record_key text, recent_seconds double precision,
  linked_to text, key text, version bigint, committed_version bigint, changed_seq bigint, lease_run text, lease_expires_at timestamptz);

-- In the order of native ids, which is that of the indexes: neighbours lie on one page.
CREATE FUNCTION {schema}.sync_check_items(p_items jsonb) RETURNS {schema}.sync_check_item[] LANGUAGE sql IMMUTABLE SET search_path = {schema}, pg_temp AS $$
  SELECT array_agg(ROW(e.ordinality, e.system, e.native_id, e.fingerprint, e.mapping_fingerprint, e."full", e.as_record_key, e.recent_seconds, e.proposed_key,
    e.stamp->>'record_key', (e.stamp->>'fencing_token')::bigint)::sync_check_item ORDER BY e.system, e.native_id)
  FROM ROWS FROM (jsonb_to_recordset(p_items) AS (system text, native_id text, fingerprint text, mapping_fingerprint text, "full" boolean, as_record_key text, recent_seconds double precision, proposed_key text, stamp jsonb)) WITH ORDINALITY AS e
$$;

-- Each item with the row that it is linked to now, and the key of the row that it is about.
-- No setting and not VOLATILE, so that it becomes part of the statement that asks; so does the next.
CREATE FUNCTION {schema}.sync_found(p_sync text, p_items {schema}.sync_check_item[]) RETURNS TABLE (place bigint, system text, native_id text, fingerprint text, mapping_fingerprint text, is_full boolean,
  as_record_key text, recent_seconds double precision, linked_to text, key text) LANGUAGE sql STABLE AS $$
  SELECT e.place, e.system, e.native_id, e.fingerprint, e.mapping_fingerprint, e.is_full, e.as_record_key, e.recent_seconds, l.record_key,
    coalesce(e.as_record_key, l.record_key, (SELECT i.record_key FROM {schema}.sync_intents i WHERE i.sync = p_sync AND i.record_key = e.stamp_key AND i.fencing_token = e.stamp_token AND i.system = e.system AND i.op = 'create' LIMIT 1),
      e.proposed_key)
  FROM {schema}.sync_each(p_items) e LEFT JOIN LATERAL (SELECT o.record_key FROM {schema}.sync_links o WHERE o.sync = p_sync AND o.system = e.system AND o.native_id = e.native_id LIMIT 1) l ON true
$$;

-- A row with what hangs on it, as Check hands it to a run. What could still land when the run drew its token may have landed since, and a
-- search that began then not show it (law 15).
CREATE FUNCTION {schema}.sync_ledger_row(p_run jsonb, p_key text, p_version bigint, p_committed_version bigint, p_recent_seconds double precision, p_now timestamptz) RETURNS TABLE ("row" jsonb) LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'record_key', p_key, 'version', p_version, 'committed_version', p_committed_version,
    'links', (SELECT coalesce(jsonb_object_agg(l.system, l.native_id), '{}') FROM {schema}.sync_links l WHERE l.sync = p_run->>'sync' AND l.record_key = p_key),
    'snapshots', (SELECT coalesce(jsonb_object_agg(s.system, jsonb_build_object('presence', s.presence, 'record', s.record, 'fingerprint', s.fingerprint, 'mapping_fingerprint', s.mapping_fingerprint)), '{}')
      FROM {schema}.sync_snapshots s WHERE s.sync = p_run->>'sync' AND s.record_key = p_key),
    'intents', (SELECT coalesce(jsonb_agg(jsonb_build_object('fencing_token', i.fencing_token, 'system', i.system, 'op', i.op, 'to', i.to_record, 'from', i.from_record,
        'echo_fingerprint', i.echo_fingerprint, 'idempotency_key', i.idempotency_key, 'native_id', i.native_id, 'match_key', i.match_key, 'overrides', i.overrides, 'used', i.used,
        'superseded', i.superseded, 'may_land', i.may_land_until > coalesce((SELECT n.started_at FROM {schema}.sync_runs n WHERE n.run_id = p_run->>'run_id'), p_now)) ORDER BY i.fencing_token DESC, i.system), '[]')
      FROM {schema}.sync_intents i WHERE i.sync = p_run->>'sync' AND i.record_key = p_key),
    'reviews', (SELECT coalesce(jsonb_agg({schema}.sync_review(v) ORDER BY v.seq), '[]') FROM {schema}.sync_reviews v WHERE v.sync = p_run->>'sync' AND v.record_key = p_key),
    'latest', (SELECT jsonb_build_object('direction', j.direction, 'field_hash', j.field_hash) FROM {schema}.sync_ledger j WHERE j.record_key = p_key
      AND j.direction IN ((p_run->>'source') || '-to-' || (p_run->>'target'), (p_run->>'target') || '-to-' || (p_run->>'source')) ORDER BY j.seq DESC LIMIT 1),
    'recent', (SELECT coalesce(jsonb_agg(jsonb_build_object('direction', h.direction, 'field_hash', h.field_hash, 'fields', h.fields, 'at', {schema}.sync_iso(h.at)) ORDER BY h.seq DESC), '[]')
      FROM (SELECT * FROM {schema}.sync_history WHERE p_recent_seconds > 0 AND sync = p_run->>'sync' AND record_key = p_key AND at > p_now - make_interval(secs => p_recent_seconds) AND field_hash <> ''
        ORDER BY seq DESC LIMIT 12) AS h))
$$;

-- The verdicts are one statement for the whole batch: none depends on another item. It begins after all locks were granted.
CREATE FUNCTION {schema}.sync_check(p_run jsonb, p_items jsonb, p_now timestamptz)
RETURNS TABLE (kind text, record_key text, reason text, lease_expires_at text, "full" boolean, "row" jsonb) LANGUAGE plpgsql VOLATILE
SET search_path = {schema}, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  v_sync text := p_run->>'sync';
  v_run text := p_run->>'run_id';
  v_token bigint := (p_run->>'read_token')::bigint;
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_items sync_check_item[] := sync_check_items(p_items);
  v_facts sync_checked[];
  v_keys text[];
  v_now timestamptz;
BEGIN
  IF v_dry THEN
    v_facts := ARRAY(SELECT ROW(f.*, r.version, r.committed_version, r.changed_seq, r.lease_run, r.lease_expires_at)::sync_checked
      FROM sync_found(v_sync, v_items) f LEFT JOIN sync_records r ON r.sync = v_sync AND r.record_key = f.key);
  ELSE
    PERFORM sync_lock_identities(v_sync, ARRAY(SELECT unnest(ARRAY['n/' || e.system || '/' || e.native_id, 'k/' || e.proposed_key, 'k/' || e.as_record_key, 'k/' || e.stamp_key]) FROM sync_each(v_items) e));
    -- Links are looked up once, before the wait for the rows: whoever links a native id has the lock that we have now, and whoever takes
    -- a link away holds its row, and leaves it with a younger changed_seq or drops it. FOR UPDATE reads the row as it is after the wait.
    v_facts := ARRAY(SELECT ROW(f.*, r.version, r.committed_version, r.changed_seq, r.lease_run, r.lease_expires_at)::sync_checked
      FROM (SELECT * FROM sync_found(v_sync, v_items) ORDER BY key) f
      LEFT JOIN LATERAL (SELECT * FROM sync_records o WHERE o.sync = v_sync AND o.record_key = f.key LIMIT 1 FOR UPDATE) r ON true);
  END IF;
  v_keys := ARRAY(SELECT f.key FROM sync_each(v_facts) f WHERE f.version IS NOT NULL);
  -- After the wait for locks: a lease may have run out meanwhile.
  v_now := coalesce(p_now, clock_timestamp());

  RETURN QUERY WITH unsettled AS MATERIALIZED (
    SELECT i.record_key FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = ANY (v_keys)
    UNION ALL SELECT v.record_key FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = ANY (v_keys) AND v.status = 'decided'),
  verdicts AS MATERIALIZED (
    SELECT f.*, CASE
      -- Dropped while we waited for it: not held by us, so nothing may be said about it.
      WHEN f.version IS NULL THEN CASE WHEN f.linked_to = f.key THEN 'Recheck' WHEN f.fingerprint IS NULL THEN 'unknown_and_gone' ELSE 'Changed' END
      WHEN f.changed_seq > v_token THEN 'Recheck'
      WHEN f.lease_run <> v_run AND f.lease_expires_at > v_now THEN CASE WHEN NOT f.is_full AND (SELECT true FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = f.key AND NOT i.superseded AND i.system = f.system
          AND (i.native_id IS NULL OR i.native_id = f.native_id) AND CASE WHEN i.op = 'delete' THEN f.fingerprint IS NULL ELSE i.echo_fingerprint = f.fingerprint END LIMIT 1) THEN 'echo_in_flight' ELSE 'Busy' END
      WHEN f.is_full OR f.key IN (SELECT u.record_key FROM unsettled u) THEN 'Changed'
      WHEN f.linked_to = f.key AND (SELECT CASE WHEN f.fingerprint IS NULL THEN s.presence = 'gone' ELSE s.presence = 'present' AND s.fingerprint = f.fingerprint AND s.mapping_fingerprint = f.mapping_fingerprint END
          FROM sync_snapshots s WHERE s.sync = v_sync AND s.record_key = f.key AND s.system = f.system) THEN 'same'
      ELSE 'Changed' END AS verdict
    FROM sync_each(v_facts) f),
  -- What becomes of each note. Busy: it is handed over to the holder. Or a record that another row's record stands for: that row's Commit ends
  -- this note too, or it would wait for ever. The last item of the batch that hands it over has its way.
  ends AS MATERIALIZED (
    SELECT v_sync AS sync, v.system, v.native_id, bool_or(v.verdict IN ('same', 'echo_in_flight', 'unknown_and_gone')) AS handled, bool_or(v.verdict = 'Busy') AS busy,
      (array_agg(v.key ORDER BY v.place DESC) FILTER (WHERE v.verdict = 'Busy' OR (v.verdict = 'Changed' AND v.version IS NOT NULL AND v.as_record_key IS NOT NULL)))[1] AS owner
    FROM verdicts v WHERE NOT v_dry GROUP BY v.system, v.native_id),
  -- One statement for all notes, in the order of their locks. The sync comes with the batch: beside a constant one the planner, who knows of no
  -- notes yet, would go through all of them for each item.
  noted AS (
    UPDATE sync_notes n SET handled_seq = CASE WHEN e.handled AND n.hint_seq <= v_token THEN n.hint_seq ELSE n.handled_seq END, record_key = coalesce(e.owner, n.record_key)
    FROM (SELECT * FROM ends WHERE handled OR owner IS NOT NULL ORDER BY system, native_id) e
    WHERE n.sync = e.sync AND n.system = e.system AND n.native_id = e.native_id AND (e.owner IS NOT NULL OR (n.hint_seq <= v_token AND n.hint_seq - n.handled_seq > 0))),
  handed_over AS (
    INSERT INTO sync_notes (sync, system, native_id, hint_seq, handled_seq, record_key) SELECT v_sync, e.system, e.native_id, nextval('sync_sequence'), 0, e.owner FROM ends e WHERE e.busy
    ON CONFLICT DO NOTHING),
  settled AS (
    DELETE FROM sync_issues i WHERE i.sync = v_sync AND i.code = 'rejected_record'
      -- CASE, so that the batch is looked up in a hash table rather than gone through for each issue.
      AND CASE WHEN (i.system, i.native_id) IN (SELECT v.system, v.native_id FROM verdicts v WHERE NOT v_dry AND v.verdict = 'same') THEN true END),
  counted AS (
    SELECT sync_count(p_run, ARRAY(SELECT CASE WHEN v.verdict IN ('Changed', 'Busy', 'Recheck') THEN lower(v.verdict) ELSE 'unchanged' END FROM verdicts v)) WHERE NOT v_dry)
  SELECT CASE WHEN v.verdict IN ('Changed', 'Busy', 'Recheck') THEN v.verdict ELSE 'Unchanged' END, CASE WHEN v.version IS NOT NULL OR v.verdict = 'Recheck' THEN v.key END,
    CASE v.verdict WHEN 'Recheck' THEN 'committed_since_read' ELSE v.verdict END, CASE WHEN v.verdict = 'Busy' THEN sync_iso(v.lease_expires_at) END, v.is_full,
    CASE WHEN v.verdict = 'Changed' AND v.version IS NOT NULL THEN (SELECT r."row" FROM sync_ledger_row(p_run, v.key, v.version, v.committed_version, v.recent_seconds, v_now) r) END
  FROM verdicts v LEFT JOIN counted ON true ORDER BY v.place;
END $$;
`,
} as const;
