/** The order of tests is that of `core/stages/ledger-check.ts`, which says why. */
export const check = {
  number: 5,
  name: 'check',
  sql: `
CREATE FUNCTION {schema}.sync_find(p_sync text, p_item jsonb) RETURNS text LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT coalesce(
    p_item->>'as_record_key',
    (SELECT record_key FROM sync_links WHERE sync = p_sync AND system = p_item->>'system' AND native_id = p_item->>'native_id'),
    (SELECT record_key FROM sync_intents WHERE sync = p_sync AND record_key = p_item->'stamp'->>'record_key'
      AND fencing_token = (p_item->'stamp'->>'fencing_token')::bigint AND system = p_item->>'system' AND op = 'create'),
    p_item->>'proposed_key')
$$;

CREATE FUNCTION {schema}.sync_ledger_row(p_run jsonb, p_row {schema}.sync_records, p_recent_seconds double precision, p_now timestamptz) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object(
    'record_key', p_row.record_key, 'version', p_row.version, 'committed_version', p_row.committed_version,
    'links', sync_links_of(p_row.sync, p_row.record_key),
    'snapshots', (SELECT coalesce(jsonb_object_agg(s.system, jsonb_build_object('presence', s.presence, 'record', s.record, 'fingerprint', s.fingerprint, 'mapping_fingerprint', s.mapping_fingerprint)), '{}')
      FROM sync_snapshots s WHERE s.sync = p_row.sync AND s.record_key = p_row.record_key),
    'intents', (SELECT coalesce(jsonb_agg(jsonb_build_object('fencing_token', i.fencing_token, 'system', i.system, 'op', i.op, 'to', i.to_record, 'from', i.from_record,
        'echo_fingerprint', i.echo_fingerprint, 'idempotency_key', i.idempotency_key, 'native_id', i.native_id, 'match_key', i.match_key, 'used', i.used,
        'superseded', i.superseded, 'may_land', i.may_land_until > p_now) ORDER BY i.fencing_token DESC, i.system), '[]')
      FROM sync_intents i WHERE i.sync = p_row.sync AND i.record_key = p_row.record_key),
    'reviews', (SELECT coalesce(jsonb_agg(sync_review(v) ORDER BY v.seq), '[]') FROM sync_reviews v WHERE v.sync = p_row.sync AND v.record_key = p_row.record_key),
    'latest', (SELECT jsonb_build_object('direction', j.direction, 'field_hash', j.field_hash) FROM sync_ledger j WHERE j.record_key = p_row.record_key
      AND j.direction IN ((p_run->>'source') || '-to-' || (p_run->>'target'), (p_run->>'target') || '-to-' || (p_run->>'source')) ORDER BY j.seq DESC LIMIT 1),
    'recent', (SELECT coalesce(jsonb_agg(jsonb_build_object('direction', h.direction, 'field_hash', h.field_hash, 'fields', h.fields, 'at', sync_iso(h.at)) ORDER BY h.seq DESC), '[]')
      FROM (SELECT * FROM sync_history WHERE p_recent_seconds > 0 AND sync = p_row.sync AND record_key = p_row.record_key AND at > p_now - make_interval(secs => p_recent_seconds) AND field_hash <> ''
        ORDER BY seq DESC LIMIT 12) AS h))
$$;

CREATE FUNCTION {schema}.sync_check(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_run text := p_run->>'run_id';
  v_token bigint := (p_run->>'read_token')::bigint;
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_now timestamptz;
  v_keys text[];
  v_item jsonb;
  v_system text;
  v_native text;
  v_print text;
  v_full boolean;
  v_key text;
  v_row sync_records;
  v_reason text;
  v_kind text;
  v_outcomes text[] := '{}';
BEGIN
  IF NOT v_dry THEN
    PERFORM sync_lock_identities(v_sync, ARRAY(
      SELECT unnest(ARRAY['n/' || (e->>'system') || '/' || (e->>'native_id'), 'k/' || (e->>'proposed_key'), 'k/' || (e->>'as_record_key'), 'k/' || (e->'stamp'->>'record_key')])
      FROM jsonb_array_elements(p_items) e));
    v_keys := ARRAY(SELECT DISTINCT key FROM (SELECT sync_find(v_sync, e) AS key FROM jsonb_array_elements(p_items) e) AS found WHERE key IS NOT NULL);
    PERFORM sync_lock_records(v_sync, v_keys);
    PERFORM sync_lock_notes(v_sync, '{}', p_items);
  END IF;
  -- After the wait for locks: a lease may have run out meanwhile.
  v_now := coalesce(p_now, clock_timestamp());

  FOR v_item IN SELECT e.value FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(value, place) ORDER BY e.place LOOP
    v_system := v_item->>'system';
    v_native := v_item->>'native_id';
    v_print := v_item->>'fingerprint';
    v_full := (v_item->>'full')::boolean;
    v_key := sync_find(v_sync, v_item);
    v_reason := NULL;
    SELECT * INTO v_row FROM sync_records WHERE sync = v_sync AND record_key = v_key;
    IF NOT FOUND THEN
      v_key := NULL;
      v_kind := CASE WHEN v_print IS NULL THEN 'Unchanged' ELSE 'Changed' END;
      v_reason := CASE WHEN v_print IS NULL THEN 'unknown_and_gone' END;
    -- Linked to a row while we waited for another one: not held by us, so nothing may be said about it.
    ELSIF v_row.changed_seq > v_token OR (NOT v_dry AND NOT v_key = ANY (v_keys)) THEN
      v_kind := 'Recheck';
    ELSIF v_row.lease_run <> v_run AND v_row.lease_expires_at > v_now THEN
      IF NOT v_full AND EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = v_key AND NOT i.superseded AND i.system = v_system
          AND (i.native_id IS NULL OR i.native_id = v_native) AND CASE WHEN i.op = 'delete' THEN v_print IS NULL ELSE i.echo_fingerprint = v_print END) THEN
        v_kind := 'Unchanged';
        v_reason := 'echo_in_flight';
      ELSE
        v_kind := 'Busy';
      END IF;
    ELSIF v_full OR EXISTS (SELECT 1 FROM sync_intents WHERE sync = v_sync AND record_key = v_key)
        OR EXISTS (SELECT 1 FROM sync_reviews WHERE sync = v_sync AND record_key = v_key AND status = 'decided') THEN
      v_kind := 'Changed';
    ELSIF EXISTS (SELECT 1 FROM sync_links l JOIN sync_snapshots s ON s.sync = l.sync AND s.record_key = l.record_key AND s.system = l.system
        WHERE l.sync = v_sync AND l.record_key = v_key AND l.system = v_system AND l.native_id = v_native
          AND CASE WHEN v_print IS NULL THEN s.presence = 'gone' ELSE s.presence = 'present' AND s.fingerprint = v_print END) THEN
      v_kind := 'Unchanged';
      v_reason := 'same';
    ELSE
      v_kind := 'Changed';
    END IF;

    IF NOT v_dry THEN
      v_outcomes := v_outcomes || lower(v_kind);
      IF v_kind = 'Unchanged' THEN
        PERFORM sync_handle_note(v_sync, v_system, v_native, v_token);
      ELSIF v_kind = 'Changed' AND v_key IS NOT NULL AND v_item->>'as_record_key' IS NOT NULL THEN
        -- A record that another row's record stands for: that row's Commit ends this note too, or it would wait for ever.
        UPDATE sync_notes SET record_key = v_key WHERE sync = v_sync AND system = v_system AND native_id = v_native;
      ELSIF v_kind = 'Busy' THEN
        UPDATE sync_notes SET record_key = v_key WHERE sync = v_sync AND system = v_system AND native_id = v_native;
        IF NOT FOUND THEN
          PERFORM sync_note(v_sync, v_system, v_native, v_key);
        END IF;
      END IF;
      IF v_reason = 'same' THEN
        DELETE FROM sync_issues WHERE sync = v_sync AND system = v_system AND native_id = v_native AND code = 'rejected_record';
      END IF;
    END IF;
    RETURN NEXT CASE v_kind
      WHEN 'Changed' THEN jsonb_build_object('kind', v_kind, 'full', v_full, 'row', CASE WHEN v_key IS NOT NULL THEN sync_ledger_row(p_run, v_row, (v_item->>'recent_seconds')::double precision, v_now) END)
      WHEN 'Unchanged' THEN jsonb_build_object('kind', v_kind, 'record_key', v_key, 'reason', v_reason)
      WHEN 'Busy' THEN jsonb_build_object('kind', v_kind, 'record_key', v_key, 'lease_expires_at', sync_iso(v_row.lease_expires_at))
      ELSE jsonb_build_object('kind', v_kind, 'record_key', v_key, 'reason', 'committed_since_read') END;
  END LOOP;
  IF NOT v_dry THEN
    PERFORM sync_count(p_run, v_outcomes);
  END IF;
END $$;
`,
} as const;
