/** The order of tests is that of `core/stages/ledger-check.ts`, which says why. What Check does today is said by `0014-check-by-key.ts`. */
export const check = {
  number: 5,
  name: 'check',
  sql: `
-- The items in their order, each with the key of the row that it is about.
CREATE FUNCTION {schema}.sync_find(p_sync text, p_items jsonb) RETURNS TABLE (place bigint, system text, native_id text, fingerprint text, mapping_fingerprint text, is_full boolean, as_record_key text, recent_seconds double precision, key text)
LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT e.ordinality, e.system, e.native_id, e.fingerprint, e.mapping_fingerprint, e."full", e.as_record_key, e.recent_seconds, coalesce(e.as_record_key, l.record_key, i.record_key, e.proposed_key)
  FROM ROWS FROM (jsonb_to_recordset(p_items) AS (system text, native_id text, fingerprint text, mapping_fingerprint text, "full" boolean, as_record_key text, recent_seconds double precision, proposed_key text, stamp jsonb)) WITH ORDINALITY AS e
  LEFT JOIN sync_links l ON l.sync = p_sync AND l.system = e.system AND l.native_id = e.native_id
  LEFT JOIN sync_intents i ON i.sync = p_sync AND i.record_key = e.stamp->>'record_key' AND i.fencing_token = (e.stamp->>'fencing_token')::bigint AND i.system = e.system AND i.op = 'create'
$$;

CREATE FUNCTION {schema}.sync_ledger_row(p_run jsonb, p_row {schema}.sync_records, p_recent_seconds double precision, p_now timestamptz) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object(
    'record_key', p_row.record_key, 'version', p_row.version, 'committed_version', p_row.committed_version,
    'links', sync_links_of(p_row.sync, p_row.record_key),
    'snapshots', (SELECT coalesce(jsonb_object_agg(s.system, jsonb_build_object('presence', s.presence, 'record', s.record, 'fingerprint', s.fingerprint, 'mapping_fingerprint', s.mapping_fingerprint)), '{}')
      FROM sync_snapshots s WHERE s.sync = p_row.sync AND s.record_key = p_row.record_key),
    'intents', (SELECT coalesce(jsonb_agg(jsonb_build_object('fencing_token', i.fencing_token, 'system', i.system, 'op', i.op, 'to', i.to_record, 'from', i.from_record,
        'echo_fingerprint', i.echo_fingerprint, 'idempotency_key', i.idempotency_key, 'native_id', i.native_id, 'match_key', i.match_key, 'overrides', i.overrides, 'used', i.used,
        'superseded', i.superseded, 'may_land', i.may_land_until > p_now) ORDER BY i.fencing_token DESC, i.system), '[]')
      FROM sync_intents i WHERE i.sync = p_row.sync AND i.record_key = p_row.record_key),
    'reviews', (SELECT coalesce(jsonb_agg(sync_review(v) ORDER BY v.seq), '[]') FROM sync_reviews v WHERE v.sync = p_row.sync AND v.record_key = p_row.record_key),
    'latest', (SELECT jsonb_build_object('direction', j.direction, 'field_hash', j.field_hash) FROM sync_ledger j WHERE j.record_key = p_row.record_key
      AND j.direction IN ((p_run->>'source') || '-to-' || (p_run->>'target'), (p_run->>'target') || '-to-' || (p_run->>'source')) ORDER BY j.seq DESC LIMIT 1),
    'recent', (SELECT coalesce(jsonb_agg(jsonb_build_object('direction', h.direction, 'field_hash', h.field_hash, 'fields', h.fields, 'at', sync_iso(h.at)) ORDER BY h.seq DESC), '[]')
      FROM (SELECT * FROM sync_history WHERE p_recent_seconds > 0 AND sync = p_row.sync AND record_key = p_row.record_key AND at > p_now - make_interval(secs => p_recent_seconds) AND field_hash <> ''
        ORDER BY seq DESC LIMIT 12) AS h))
$$;

-- One statement for the whole batch: no item's verdict depends on another item. It begins after all locks were granted.
CREATE FUNCTION {schema}.sync_check(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_run text := p_run->>'run_id';
  v_token bigint := (p_run->>'read_token')::bigint;
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_now timestamptz;
  v_keys text[];
BEGIN
  IF NOT v_dry THEN
    PERFORM sync_lock_identities(v_sync, ARRAY(
      SELECT unnest(ARRAY['n/' || (e->>'system') || '/' || (e->>'native_id'), 'k/' || (e->>'proposed_key'), 'k/' || (e->>'as_record_key'), 'k/' || (e->'stamp'->>'record_key')])
      FROM jsonb_array_elements(p_items) e));
    v_keys := ARRAY(SELECT DISTINCT f.key FROM sync_find(v_sync, p_items) f WHERE f.key IS NOT NULL);
    PERFORM sync_lock_records(v_sync, v_keys);
    PERFORM sync_lock_notes(v_sync, '{}', p_items);
  END IF;
  -- After the wait for locks: a lease may have run out meanwhile.
  v_now := coalesce(p_now, clock_timestamp());

  RETURN QUERY WITH held AS MATERIALIZED (SELECT DISTINCT k AS key FROM unnest(v_keys) AS k),
  facts AS MATERIALIZED (
    SELECT f.*, r AS record, r.record_key IS NOT NULL AS known, r.changed_seq, r.lease_run <> v_run AND r.lease_expires_at > v_now AS leased,
      -- Linked to a row while we waited for another one: not held by us, so nothing may be said about it.
      NOT v_dry AND h.key IS NULL AS missed
    FROM sync_find(v_sync, p_items) f LEFT JOIN sync_records r ON r.sync = v_sync AND r.record_key = f.key LEFT JOIN held h ON h.key = f.key),
  verdicts AS MATERIALIZED (
    SELECT f.*, CASE
      WHEN NOT f.known THEN CASE WHEN f.fingerprint IS NULL THEN 'unknown_and_gone' ELSE 'Changed' END
      WHEN f.changed_seq > v_token OR f.missed THEN 'Recheck'
      WHEN f.leased THEN CASE WHEN NOT f.is_full AND EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = f.key AND NOT i.superseded AND i.system = f.system
          AND (i.native_id IS NULL OR i.native_id = f.native_id) AND CASE WHEN i.op = 'delete' THEN f.fingerprint IS NULL ELSE i.echo_fingerprint = f.fingerprint END) THEN 'echo_in_flight' ELSE 'Busy' END
      WHEN f.is_full OR EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = f.key)
        OR EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = f.key AND v.status = 'decided') THEN 'Changed'
      WHEN EXISTS (SELECT 1 FROM sync_links l JOIN sync_snapshots s ON s.sync = l.sync AND s.record_key = l.record_key AND s.system = l.system
          WHERE l.sync = v_sync AND l.record_key = f.key AND l.system = f.system AND l.native_id = f.native_id
            AND CASE WHEN f.fingerprint IS NULL THEN s.presence = 'gone' ELSE s.presence = 'present' AND s.fingerprint = f.fingerprint AND s.mapping_fingerprint = f.mapping_fingerprint END) THEN 'same'
      ELSE 'Changed' END AS verdict
    FROM facts f),
  -- Each by its key (LIMIT 1 holds the planner to that): as a join it goes through all notes for every item, until their number is known.
  handled AS (
    UPDATE sync_notes SET handled_seq = hint_seq WHERE ctid = ANY (ARRAY(
      SELECT (SELECT n.ctid FROM sync_notes n WHERE n.sync = v_sync AND n.system = v.system AND n.native_id = v.native_id AND n.hint_seq <= v_token AND n.hint_seq - n.handled_seq > 0 LIMIT 1)
      FROM verdicts v WHERE NOT v_dry AND v.verdict IN ('same', 'echo_in_flight', 'unknown_and_gone')))),
  -- A record that another row's record stands for: that row's Commit ends this note too, or it would wait for ever.
  claimed AS (
    UPDATE sync_notes n SET record_key = v.key FROM verdicts v
    WHERE NOT v_dry AND v.verdict = 'Changed' AND v.known AND v.as_record_key IS NOT NULL AND n.sync = v_sync AND n.system = v.system AND n.native_id = v.native_id),
  handed_over AS (
    INSERT INTO sync_notes AS n (sync, system, native_id, hint_seq, handled_seq, record_key)
    SELECT v_sync, b.system, b.native_id, nextval('sync_sequence'), 0, b.key FROM (SELECT DISTINCT ON (v.system, v.native_id) v.system, v.native_id, v.key FROM verdicts v WHERE NOT v_dry AND v.verdict = 'Busy') AS b
    ON CONFLICT (sync, system, native_id) DO UPDATE SET record_key = excluded.record_key),
  settled AS (
    DELETE FROM sync_issues WHERE ctid = ANY (ARRAY(
      SELECT (SELECT i.ctid FROM sync_issues i WHERE i.sync = v_sync AND i.system = v.system AND i.native_id = v.native_id AND i.code = 'rejected_record' LIMIT 1)
      FROM verdicts v WHERE NOT v_dry AND v.verdict = 'same'))),
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
