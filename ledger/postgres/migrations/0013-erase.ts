/** A privacy erasure (`ledger/erasure.ts` says what stays, and why): the row is locked first, as Commit does, so nobody is half-way. */
export const erase = {
  number: 13,
  name: 'erasure',
  sql: `
CREATE FUNCTION {schema}.sync_erase(p_scope jsonb, p_key text, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_scope->>'sync';
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_directions text[] := ARRAY[(p_scope->>'source') || '-to-' || (p_scope->>'target'), (p_scope->>'target') || '-to-' || (p_scope->>'source')];
  v_row sync_records;
  v_until timestamptz;
  v_systems jsonb;
  v_count bigint;
  v_purged bigint := 0;
BEGIN
  SELECT * INTO v_row FROM sync_records WHERE sync = v_sync AND record_key = p_key FOR UPDATE;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('kind', 'Unknown');
  END IF;
  SELECT max(moment) INTO v_until FROM (
    SELECT v_row.lease_expires_at AS moment UNION ALL SELECT may_land_until FROM sync_intents WHERE sync = v_sync AND record_key = p_key) AS m WHERE moment > v_now;
  IF v_until IS NOT NULL THEN
    RETURN jsonb_build_object('kind', 'Busy', 'until', sync_iso(v_until));
  END IF;
  IF v_row.tombstone_at IS NULL THEN
    SELECT jsonb_agg(system ORDER BY system COLLATE "C") INTO v_systems FROM sync_snapshots WHERE sync = v_sync AND record_key = p_key AND presence = 'present';
    IF v_systems IS NULL THEN
      SELECT coalesce(jsonb_agg(system ORDER BY system COLLATE "C"), '[]') INTO v_systems FROM sync_links WHERE sync = v_sync AND record_key = p_key;
    END IF;
    RETURN jsonb_build_object('kind', 'Alive', 'systems', v_systems);
  END IF;
  UPDATE sync_snapshots SET record = '{}' WHERE sync = v_sync AND record_key = p_key AND record <> '{}';
  GET DIAGNOSTICS v_count = ROW_COUNT; v_purged := v_purged + v_count;
  DELETE FROM sync_history WHERE sync = v_sync AND record_key = p_key;
  GET DIAGNOSTICS v_count = ROW_COUNT; v_purged := v_purged + v_count;
  DELETE FROM sync_ledger WHERE record_key = p_key AND direction = ANY (v_directions);
  GET DIAGNOSTICS v_count = ROW_COUNT; v_purged := v_purged + v_count;
  DELETE FROM sync_reviews WHERE sync = v_sync AND record_key = p_key;
  GET DIAGNOSTICS v_count = ROW_COUNT; v_purged := v_purged + v_count;
  DELETE FROM sync_issues i WHERE i.sync = v_sync AND (i.record_key = p_key
    OR (i.system, i.native_id) IN (SELECT l.system, l.native_id FROM sync_links l WHERE l.sync = v_sync AND l.record_key = p_key));
  GET DIAGNOSTICS v_count = ROW_COUNT; v_purged := v_purged + v_count;
  DELETE FROM sync_intents WHERE sync = v_sync AND record_key = p_key AND op <> 'create';
  GET DIAGNOSTICS v_count = ROW_COUNT; v_purged := v_purged + v_count;
  UPDATE sync_intents SET to_record = '{}', from_record = '{}', overrides = '[]', match_key = NULL, echo_fingerprint = NULL, superseded = true
    WHERE sync = v_sync AND record_key = p_key AND (to_record <> '{}' OR from_record <> '{}' OR overrides <> '[]' OR match_key IS NOT NULL OR echo_fingerprint IS NOT NULL);
  GET DIAGNOSTICS v_count = ROW_COUNT; v_purged := v_purged + v_count;
  -- Whoever read before holds values that are to be gone: its version is of yesterday, and its hold is over.
  IF v_purged > 0 OR v_row.lease_run IS NOT NULL THEN
    UPDATE sync_records SET version = version + 1, changed_seq = nextval('sync_sequence'), lease_run = NULL, lease_expires_at = NULL WHERE sync = v_sync AND record_key = p_key;
  END IF;
  RETURN jsonb_build_object('kind', 'Erased', 'purged', v_purged);
END $$;
`,
} as const;
