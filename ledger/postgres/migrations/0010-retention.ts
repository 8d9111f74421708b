/**
 * Deletes what no law needs any more (`ledger/retention.ts`). It never waits for a row that a step has locked, so it can be
 * in no ring of locks: what is skipped goes the next time. A run that is older than what was forgotten is sent back by Reserve
 * and Commit, since it cannot know what it missed.
 */
export const retention = {
  number: 10,
  name: 'retention',
  sql: `
CREATE FUNCTION {schema}.sync_prune_history(p_sync text, p_before timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_count bigint;
BEGIN
  DELETE FROM sync_history h WHERE (h.sync, h.record_key, h.seq) IN (
    SELECT o.sync, o.record_key, o.seq FROM sync_history o WHERE o.sync = p_sync AND o.at < p_before FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $$;

-- The newest over both directions stays: Echo Guard compares with it, and a set-back must not look like an echo.
CREATE FUNCTION {schema}.sync_prune_journal(p_sync text, p_directions text[], p_before timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_count bigint;
BEGIN
  DELETE FROM sync_ledger j WHERE (j.record_key, j.direction, j.field_hash) IN (
    SELECT o.record_key, o.direction, o.field_hash FROM sync_ledger o JOIN sync_records r ON r.sync = p_sync AND r.record_key = o.record_key
    WHERE o.direction = ANY (p_directions) AND o.synced_at < p_before
      AND o.seq < (SELECT max(n.seq) FROM sync_ledger n WHERE n.record_key = o.record_key AND n.direction = ANY (p_directions)) FOR UPDATE OF o SKIP LOCKED);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $$;

-- Only if the sync was alive a week after it and a week ago: after a long pause nobody has looked whether the late write landed. A create
-- stays until a living record stands linked: the record it may have made is otherwise taken for a new one. What an open write was planned
-- upon stays with it: what that had taken away is put on record by whoever settles both.
CREATE FUNCTION {schema}.sync_prune_intents(p_sync text, p_before timestamptz, p_now timestamptz, p_floor interval) RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_count bigint;
BEGIN
  -- Whoever holds the row may be settling them.
  DELETE FROM sync_intents i WHERE (i.sync, i.record_key, i.fencing_token, i.system) IN (
    SELECT o.sync, o.record_key, o.fencing_token, o.system FROM sync_records r JOIN sync_intents o ON o.sync = r.sync AND o.record_key = r.record_key
    WHERE r.sync = p_sync AND o.superseded AND o.may_land_until < p_before
      AND NOT EXISTS (SELECT 1 FROM sync_intents w WHERE w.sync = p_sync AND w.record_key = o.record_key AND NOT w.superseded)
      AND EXISTS (SELECT 1 FROM sync_runs n WHERE n.sync = p_sync AND n.started_at > o.may_land_until + p_floor AND n.started_at < p_now - p_floor)
      AND (o.op <> 'create' OR EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = p_sync AND s.record_key = o.record_key AND s.system = o.system AND s.presence = 'present'))
    FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $$;

CREATE FUNCTION {schema}.sync_prune_tombstones(p_sync text, p_directions text[], p_before timestamptz, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_keys text[];
  v_seq bigint;
BEGIN
  SELECT array_agg(o.record_key), max(o.changed_seq) INTO v_keys, v_seq FROM (
    SELECT r.record_key, r.changed_seq FROM sync_records r
    WHERE r.sync = p_sync AND r.tombstone_at < p_before AND (r.lease_expires_at IS NULL OR r.lease_expires_at <= p_now)
      AND NOT EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = p_sync AND i.record_key = r.record_key)
      AND NOT EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = p_sync AND v.record_key = r.record_key)
      AND NOT EXISTS (SELECT 1 FROM sync_notes n WHERE n.sync = p_sync AND n.hint_seq > n.handled_seq AND (n.record_key = r.record_key
        OR EXISTS (SELECT 1 FROM sync_links l WHERE l.sync = p_sync AND l.record_key = r.record_key AND l.system = n.system AND l.native_id = n.native_id)))
    FOR UPDATE OF r SKIP LOCKED) AS o;
  IF v_keys IS NULL THEN
    RETURN 0;
  END IF;
  DELETE FROM sync_issues i WHERE i.id IN (SELECT o.id FROM sync_issues o WHERE o.sync = p_sync
    AND (o.system, o.native_id) IN (SELECT l.system, l.native_id FROM sync_links l WHERE l.sync = p_sync AND l.record_key = ANY (v_keys)) FOR UPDATE SKIP LOCKED);
  PERFORM sync_drop_rows(p_sync, v_keys);
  -- The journal is not kept by sync: a key that another sync has too is still in use.
  DELETE FROM sync_ledger j WHERE j.record_key = ANY (v_keys) AND j.direction = ANY (p_directions) AND NOT EXISTS (SELECT 1 FROM sync_records r WHERE r.record_key = j.record_key);
  UPDATE sync_syncs SET forgotten_seq = v_seq WHERE sync = p_sync AND forgotten_seq < v_seq;
  RETURN cardinality(v_keys);
END $$;

-- Handled notes count for a run that is under way, so only those go that are older than a run which is too old for the log.
-- A note has no time of its own: it is older than the run that drew its number after it.
CREATE FUNCTION {schema}.sync_prune_notes(p_sync text, p_before timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_old bigint := (SELECT max(read_token) FROM sync_runs WHERE sync = p_sync AND started_at < p_before);
  v_count bigint;
  v_seq bigint;
BEGIN
  WITH gone AS (
    DELETE FROM sync_notes n WHERE (n.sync, n.system, n.native_id) IN (
      SELECT o.sync, o.system, o.native_id FROM sync_notes o WHERE o.sync = p_sync AND o.hint_seq <= o.handled_seq AND greatest(o.hint_seq, o.unlinked_seq) < v_old FOR UPDATE SKIP LOCKED)
    RETURNING greatest(n.hint_seq, n.unlinked_seq) AS seq)
  SELECT count(*), max(seq) INTO v_count, v_seq FROM gone;
  UPDATE sync_syncs SET forgotten_seq = v_seq WHERE sync = p_sync AND forgotten_seq < v_seq;
  RETURN v_count;
END $$;

CREATE FUNCTION {schema}.sync_prune_runs(p_sync text, p_before timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_count bigint;
BEGIN
  DELETE FROM sync_runs r WHERE r.run_id IN (SELECT o.run_id FROM sync_runs o WHERE o.sync = p_sync AND o.started_at < p_before FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END $$;

CREATE FUNCTION {schema}.sync_prune(p_scope jsonb, p_keep jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_scope->>'sync';
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_directions text[] := ARRAY[(p_scope->>'source') || '-to-' || (p_scope->>'target'), (p_scope->>'target') || '-to-' || (p_scope->>'source')];
  v_before jsonb := (SELECT jsonb_object_agg(key, v_now - make_interval(secs => value::double precision * 86400)) FROM jsonb_each_text(p_keep));
  v_answer jsonb;
BEGIN
  v_answer := jsonb_build_object('history', sync_prune_history(v_sync, (v_before->>'history_days')::timestamptz), 'journal', sync_prune_journal(v_sync, v_directions, (v_before->>'journal_days')::timestamptz));
  -- Before the log of runs, which says whether the sync was alive, and before the tombstones, which an intent keeps.
  v_answer := v_answer || jsonb_build_object('intents', sync_prune_intents(v_sync, (v_before->>'intents_days')::timestamptz, v_now, make_interval(secs => (p_keep->>'floor_days')::double precision * 86400)));
  v_answer := v_answer || jsonb_build_object('tombstones', sync_prune_tombstones(v_sync, v_directions, (v_before->>'tombstones_days')::timestamptz, v_now));
  v_answer := v_answer || jsonb_build_object('notes', sync_prune_notes(v_sync, (v_before->>'runs_days')::timestamptz));
  RETURN v_answer || jsonb_build_object('runs', sync_prune_runs(v_sync, (v_before->>'runs_days')::timestamptz));
END $$;
`,
} as const;
