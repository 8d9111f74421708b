/**
 * Bursts: hints are noted at once and taken off in batches. Says what `ledger/sqlite/drain.ts` says.
 *
 * Locks: a Note takes those of Start and then shares the sync's drain lock; a Take has the drain lock for itself and waits for
 * nothing after it, so neither can be in a ring. Thus no two drains choose at once, and a Take sees every hint whose Note was told
 * that somebody drains already: none is left to nobody. The number of the drain lock follows those of the identities.
 */
export const drain = {
  number: 11,
  name: 'drain',
  sql: `
CREATE TABLE {schema}.sync_takes (
  sync TEXT NOT NULL,
  system TEXT NOT NULL,
  native_id TEXT NOT NULL,
  taken_by TEXT,
  taken_seq BIGINT NOT NULL,
  taken_until TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (sync, system, native_id)
);

-- The youngest hint that waits for a drain. A hint that a run has noted itself is that run's (and the sweep's).
ALTER TABLE {schema}.sync_notes ADD COLUMN drain_seq BIGINT NOT NULL DEFAULT 0;

ALTER TABLE {schema}.sync_syncs ADD COLUMN drain_ordered_until TIMESTAMPTZ;

-- Null, or the registration that is in the way: one active sync per pair and record type.
CREATE FUNCTION {schema}.sync_register(p_scope jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_scope->>'sync';
  v_type text := p_scope->>'record_type';
  v_first text := least(p_scope->>'source' COLLATE "C", p_scope->>'target' COLLATE "C");
  v_second text := greatest(p_scope->>'source' COLLATE "C", p_scope->>'target' COLLATE "C");
  v_known sync_syncs;
BEGIN
  SELECT * INTO v_known FROM sync_syncs WHERE sync = v_sync;
  IF NOT FOUND THEN
    INSERT INTO sync_syncs (sync, first_system, second_system, record_type, created_at) VALUES (v_sync, v_first, v_second, v_type, p_now) ON CONFLICT DO NOTHING;
    SELECT * INTO v_known FROM sync_syncs WHERE sync = v_sync;
  END IF;
  IF v_known.sync IS NULL THEN
    SELECT * INTO v_known FROM sync_syncs WHERE first_system = v_first AND second_system = v_second AND record_type = v_type;
  END IF;
  IF (v_known.sync, v_known.first_system, v_known.second_system, v_known.record_type) IS DISTINCT FROM (v_sync, v_first, v_second, v_type) THEN
    RETURN to_jsonb(v_known);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION {schema}.sync_note_hints(p_request jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_request->>'sync';
  v_conflict jsonb := sync_register(p_request, coalesce(p_now, clock_timestamp()));
  v_count integer := (SELECT count(*) FROM (SELECT DISTINCT h->>'system', h->>'native_id' FROM jsonb_array_elements(p_request->'hints') h) AS hints);
  v_now timestamptz;
BEGIN
  IF v_conflict IS NOT NULL THEN
    RETURN jsonb_build_object('conflict', v_conflict);
  END IF;
  PERFORM sync_lock_identities(v_sync, ARRAY(SELECT 'n/' || (h->>'system') || '/' || (h->>'native_id') FROM jsonb_array_elements(p_request->'hints') h));
  PERFORM pg_advisory_xact_lock_shared(hashtext(current_schema() || '/' || v_sync), 128);
  PERFORM sync_note_all(v_sync, p_request->'hints');
  UPDATE sync_notes n SET drain_seq = n.hint_seq FROM jsonb_array_elements(p_request->'hints') h WHERE n.sync = v_sync AND n.system = h->>'system' AND n.native_id = h->>'native_id';
  v_now := coalesce(p_now, clock_timestamp());
  UPDATE sync_syncs SET drain_ordered_until = v_now + make_interval(secs => (p_request->>'order_seconds')::double precision)
    WHERE sync = v_sync AND v_count > 0 AND (drain_ordered_until IS NULL OR drain_ordered_until <= v_now)
      AND NOT EXISTS (SELECT 1 FROM sync_takes t WHERE t.sync = v_sync AND t.taken_by IS NOT NULL AND t.taken_until > v_now);
  RETURN jsonb_build_object('noted', v_count, 'order', FOUND);
END $$;

-- A drain has released and forgotten what is over before it looks: every take that is left is good. A record has a note in each
-- system, and others may be handed over to it: whoever is at one is at the record.
CREATE FUNCTION {schema}.sync_waiting(p_sync text, p_systems text[], p_limit integer, p_now timestamptz) RETURNS SETOF {schema}.sync_notes LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT n.* FROM sync_notes n LEFT JOIN sync_links l ON l.sync = n.sync AND l.system = n.system AND l.native_id = n.native_id
  WHERE n.sync = p_sync AND n.hint_seq > n.handled_seq AND n.drain_seq > n.handled_seq AND n.system = ANY (p_systems)
    AND NOT EXISTS (SELECT 1 FROM sync_takes t WHERE t.sync = n.sync AND t.system = n.system AND t.native_id = n.native_id AND (t.taken_by IS NOT NULL OR t.taken_seq >= n.hint_seq))
    AND NOT EXISTS (SELECT 1 FROM sync_records r WHERE r.sync = n.sync AND r.record_key = coalesce(l.record_key, n.record_key) AND (r.lease_expires_at > p_now
      OR EXISTS (SELECT 1 FROM sync_links o JOIN sync_takes t ON t.sync = o.sync AND t.system = o.system AND t.native_id = o.native_id
        WHERE o.sync = r.sync AND o.record_key = r.record_key AND t.taken_by IS NOT NULL)
      OR EXISTS (SELECT 1 FROM sync_notes o JOIN sync_takes t ON t.sync = o.sync AND t.system = o.system AND t.native_id = o.native_id
        WHERE o.sync = r.sync AND o.record_key = r.record_key AND t.taken_by IS NOT NULL)))
  ORDER BY n.hint_seq LIMIT p_limit
$$;

CREATE FUNCTION {schema}.sync_take(p_request jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_request->>'sync';
  v_conflict jsonb := sync_register(p_request, coalesce(p_now, clock_timestamp()));
  v_now timestamptz;
  v_source text;
  v_run text := gen_random_uuid()::text;
  v_token bigint;
  v_seqs bigint[];
BEGIN
  IF v_conflict IS NOT NULL THEN
    RETURN jsonb_build_object('conflict', v_conflict);
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '/' || v_sync), 128);
  v_now := coalesce(p_now, clock_timestamp());
  DELETE FROM sync_takes WHERE sync = v_sync AND taken_until <= v_now;
  UPDATE sync_takes SET taken_by = NULL WHERE sync = v_sync AND taken_by = p_request->>'drain';
  IF (SELECT count(DISTINCT taken_by) FROM sync_takes WHERE sync = v_sync) >= (p_request->>'drains_at_once')::bigint THEN
    RETURN jsonb_build_object('kind', 'Draining');
  END IF;
  UPDATE sync_syncs SET drain_ordered_until = NULL WHERE sync = v_sync AND drain_ordered_until IS NOT NULL;
  SELECT system INTO v_source FROM sync_waiting(v_sync, ARRAY[p_request->>'source', p_request->>'target'], 1, v_now);
  IF v_source IS NULL THEN
    RETURN jsonb_build_object('kind', 'NothingLeft');
  END IF;
  WITH batch AS MATERIALIZED (SELECT * FROM sync_waiting(v_sync, ARRAY[v_source], (p_request->>'limit')::integer, v_now)),
  held AS (
    INSERT INTO sync_takes AS t (sync, system, native_id, taken_by, taken_seq, taken_until)
    SELECT v_sync, b.system, b.native_id, p_request->>'drain', b.hint_seq, v_now + make_interval(secs => (p_request->>'hold_seconds')::double precision) FROM batch b
    ON CONFLICT (sync, system, native_id) DO UPDATE SET taken_by = excluded.taken_by, taken_seq = excluded.taken_seq, taken_until = excluded.taken_until)
  SELECT array_agg(b.hint_seq) INTO v_seqs FROM batch b;
  -- The token is drawn after the notes were seen: what is read from now on is younger than all of them.
  v_token := nextval('sync_sequence');
  INSERT INTO sync_runs (run_id, sync, read_token, direction, attempt, cause, execution_id, started_at, counts)
    VALUES (v_run, v_sync, v_token, v_source || '-to-' || CASE v_source WHEN p_request->>'source' THEN p_request->>'target' ELSE p_request->>'source' END, 0, 'drain', p_request->>'execution_id', v_now, '{}');
  RETURN jsonb_build_object('kind', 'Taken', 'source', v_source, 'run_id', v_run, 'read_token', v_token, 'noted', (
    SELECT jsonb_agg(jsonb_build_object('system', t.system, 'native_id', t.native_id, 'record_key', l.record_key,
        -- A batch is of one system, the source of its run.
        'source_id', t.native_id) ORDER BY t.taken_seq)
    FROM sync_takes t LEFT JOIN sync_links l ON l.sync = v_sync AND l.system = t.system AND l.native_id = t.native_id
    WHERE t.sync = v_sync AND t.system = v_source AND t.taken_seq = ANY (v_seqs)));
END $$;
`,
} as const;
