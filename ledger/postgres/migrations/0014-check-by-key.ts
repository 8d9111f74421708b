/**
 * Check in large ledgers: the batch is taken apart once, and goes through each table once before the locks and once after them. The
 * order of tests is that of `core/stages/ledger-check.ts`, which says why.
 *
 * Always by key. The settings of the function, and LIMIT 1 where something need only exist, hold the planner to that: it knows no size
 * of a batch, and of a young ledger none of a table; it would read whole tables for a few records.
 */
export const checkByKey = {
  number: 14,
  name: 'check by key',
  sql: `
-- Who a native id belongs to is asked of every item of every batch: the indexes say it, without a look at the table.
ALTER TABLE {schema}.sync_links DROP CONSTRAINT sync_links_pkey, ADD PRIMARY KEY (sync, system, native_id) INCLUDE (record_key),
  DROP CONSTRAINT sync_links_sync_record_key_system_key, ADD UNIQUE (sync, record_key, system) INCLUDE (native_id);

CREATE TYPE {schema}.sync_check_item AS (place bigint, system text, native_id text, fingerprint text, mapping_fingerprint text, is_full boolean, as_record_key text, recent_seconds double precision,
  proposed_key text, stamp_key text, stamp_token bigint);

-- In the order of native ids, which is that of the indexes: neighbours lie on one page.
CREATE FUNCTION {schema}.sync_check_items(p_items jsonb) RETURNS {schema}.sync_check_item[] LANGUAGE sql IMMUTABLE SET search_path = {schema}, pg_temp AS $$
  SELECT array_agg(ROW(e.ordinality, e.system, e.native_id, e.fingerprint, e.mapping_fingerprint, e."full", e.as_record_key, e.recent_seconds, e.proposed_key,
    e.stamp->>'record_key', (e.stamp->>'fencing_token')::bigint)::sync_check_item ORDER BY e.system, e.native_id)
  FROM ROWS FROM (jsonb_to_recordset(p_items) AS (system text, native_id text, fingerprint text, mapping_fingerprint text, "full" boolean, as_record_key text, recent_seconds double precision, proposed_key text, stamp jsonb)) WITH ORDINALITY AS e
$$;

-- Each item with the row that it is linked to now, and the key of the row that it is about. p_held: those keys as they were found before.
-- No setting and not VOLATILE, so that it becomes part of the statement that asks.
CREATE FUNCTION {schema}.sync_found(p_sync text, p_items {schema}.sync_check_item[], p_held text[]) RETURNS TABLE (place bigint, system text, native_id text, fingerprint text, mapping_fingerprint text, is_full boolean,
  as_record_key text, recent_seconds double precision, held_key text, linked_to text, key text, rank bigint) LANGUAGE sql STABLE AS $$
  SELECT e.place, e.system, e.native_id, e.fingerprint, e.mapping_fingerprint, e.is_full, e.as_record_key, e.recent_seconds, e.held_key, l.record_key,
    coalesce(e.as_record_key, l.record_key, (SELECT i.record_key FROM {schema}.sync_intents i WHERE i.sync = p_sync AND i.record_key = e.stamp_key AND i.fencing_token = e.stamp_token AND i.system = e.system AND i.op = 'create' LIMIT 1),
      e.proposed_key), e.rank
  FROM unnest(p_items, p_held) WITH ORDINALITY AS e(place, system, native_id, fingerprint, mapping_fingerprint, is_full, as_record_key, recent_seconds, proposed_key, stamp_key, stamp_token, held_key, rank)
  LEFT JOIN {schema}.sync_links l ON l.sync = p_sync AND l.system = e.system AND l.native_id = e.native_id
$$;

-- One statement for the whole batch: no item's verdict depends on another item. It begins after all locks were granted.
CREATE FUNCTION {schema}.sync_check(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE
SET search_path = {schema}, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_run text := p_run->>'run_id';
  v_token bigint := (p_run->>'read_token')::bigint;
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_items sync_check_item[] := sync_check_items(p_items);
  v_keys text[];
  v_now timestamptz;
BEGIN
  IF NOT v_dry THEN
    PERFORM sync_lock_identities(v_sync, ARRAY(SELECT unnest(ARRAY['n/' || e.system || '/' || e.native_id, 'k/' || e.proposed_key, 'k/' || e.as_record_key, 'k/' || e.stamp_key]) FROM unnest(v_items) e));
    v_keys := ARRAY(SELECT f.key FROM sync_found(v_sync, v_items, NULL) f ORDER BY f.rank);
    PERFORM sync_lock_records(v_sync, v_keys);
    PERFORM 1 FROM unnest(v_items) e JOIN sync_notes n ON n.sync = v_sync AND n.system = e.system AND n.native_id = e.native_id ORDER BY n.system, n.native_id FOR UPDATE OF n;
  END IF;
  -- After the wait for locks: a lease may have run out meanwhile.
  v_now := coalesce(p_now, clock_timestamp());

  RETURN QUERY WITH facts AS MATERIALIZED (
    SELECT f.*, r AS record, r.record_key IS NOT NULL AS known, r.changed_seq, r.lease_run <> v_run AND r.lease_expires_at > v_now AS leased,
      -- Linked to another row while we waited: not held by us, so nothing may be said about it.
      NOT v_dry AND f.key IS DISTINCT FROM f.held_key AS missed
    FROM sync_found(v_sync, v_items, v_keys) f LEFT JOIN sync_records r ON r.sync = v_sync AND r.record_key = f.key),
  verdicts AS MATERIALIZED (
    SELECT f.*, CASE
      WHEN NOT f.known THEN CASE WHEN f.fingerprint IS NULL THEN 'unknown_and_gone' ELSE 'Changed' END
      WHEN f.changed_seq > v_token OR f.missed THEN 'Recheck'
      WHEN f.leased THEN CASE WHEN NOT f.is_full AND (SELECT true FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = f.key AND NOT i.superseded AND i.system = f.system
          AND (i.native_id IS NULL OR i.native_id = f.native_id) AND CASE WHEN i.op = 'delete' THEN f.fingerprint IS NULL ELSE i.echo_fingerprint = f.fingerprint END LIMIT 1) THEN 'echo_in_flight' ELSE 'Busy' END
      WHEN f.is_full OR (SELECT true FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = f.key LIMIT 1)
        OR (SELECT true FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = f.key AND v.status = 'decided' LIMIT 1) THEN 'Changed'
      WHEN f.linked_to = f.key AND (SELECT CASE WHEN f.fingerprint IS NULL THEN s.presence = 'gone' ELSE s.presence = 'present' AND s.fingerprint = f.fingerprint AND s.mapping_fingerprint = f.mapping_fingerprint END
          FROM sync_snapshots s WHERE s.sync = v_sync AND s.record_key = f.key AND s.system = f.system) THEN 'same'
      ELSE 'Changed' END AS verdict
    FROM facts f),
  handled AS (
    UPDATE sync_notes n SET handled_seq = n.hint_seq FROM verdicts v
    WHERE NOT v_dry AND v.verdict IN ('same', 'echo_in_flight', 'unknown_and_gone') AND n.sync = v_sync AND n.system = v.system AND n.native_id = v.native_id AND n.hint_seq <= v_token AND n.hint_seq - n.handled_seq > 0),
  -- A record that another row's record stands for: that row's Commit ends this note too, or it would wait for ever.
  claimed AS (
    UPDATE sync_notes n SET record_key = v.key FROM verdicts v
    WHERE NOT v_dry AND v.verdict = 'Changed' AND v.known AND v.as_record_key IS NOT NULL AND n.sync = v_sync AND n.system = v.system AND n.native_id = v.native_id),
  handed_over AS (
    INSERT INTO sync_notes AS n (sync, system, native_id, hint_seq, handled_seq, record_key)
    SELECT v_sync, b.system, b.native_id, nextval('sync_sequence'), 0, b.key FROM (SELECT DISTINCT ON (v.system, v.native_id) v.system, v.native_id, v.key FROM verdicts v WHERE NOT v_dry AND v.verdict = 'Busy') AS b
    ON CONFLICT (sync, system, native_id) DO UPDATE SET record_key = excluded.record_key),
  settled AS (
    DELETE FROM sync_issues i USING verdicts v WHERE NOT v_dry AND v.verdict = 'same' AND i.sync = v_sync AND i.system = v.system AND i.native_id = v.native_id AND i.code = 'rejected_record'),
  counted AS (
    SELECT sync_count(p_run, ARRAY(SELECT CASE WHEN v.verdict IN ('Changed', 'Busy', 'Recheck') THEN lower(v.verdict) ELSE 'unchanged' END FROM verdicts v)) WHERE NOT v_dry)
  SELECT CASE v.verdict
      WHEN 'Changed' THEN jsonb_build_object('kind', 'Changed', 'full', v.is_full, 'row', CASE WHEN v.known THEN sync_ledger_row(p_run, v.record, v.recent_seconds, v_now) END)
      WHEN 'Busy' THEN jsonb_build_object('kind', 'Busy', 'record_key', v.key, 'lease_expires_at', sync_iso((v.record).lease_expires_at))
      WHEN 'Recheck' THEN jsonb_build_object('kind', 'Recheck', 'record_key', v.key, 'reason', 'committed_since_read')
      ELSE jsonb_build_object('kind', 'Unchanged', 'record_key', CASE WHEN v.known THEN v.key END, 'reason', v.verdict) END
  FROM verdicts v LEFT JOIN counted ON true ORDER BY v.place;
END $$;
`,
} as const;
