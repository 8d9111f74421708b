/** An intent keeps what its write takes away, so that whoever finds the write landed can put it on record. */
export const intentOverrides = {
  number: 12,
  name: 'what an intent overwrites',
  sql: `
ALTER TABLE {schema}.sync_intents ADD COLUMN overrides TEXT NOT NULL DEFAULT '[]';

-- As before, with the overrides of each intent.
CREATE OR REPLACE FUNCTION {schema}.sync_ledger_row(p_run jsonb, p_row {schema}.sync_records, p_recent_seconds double precision, p_now timestamptz) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
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

-- As before, with the overrides of each intent.
CREATE OR REPLACE FUNCTION {schema}.sync_reserve(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_run text := p_run->>'run_id';
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_now timestamptz;
  v_item jsonb;
  v_key text;
  v_seen text[] := '{}';
  v_row sync_records;
  v_objection record;
  v_token bigint;
  v_until timestamptz;
  v_hint record;
  v_outcomes text[] := '{}';
BEGIN
  IF NOT v_dry THEN
    PERFORM sync_lock_plan(v_sync, p_items);
  END IF;
  v_now := coalesce(p_now, clock_timestamp());
  FOR v_item IN SELECT e.value FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(value, place) ORDER BY e.place LOOP
    v_key := v_item->>'record_key';
    SELECT * INTO v_row FROM sync_records WHERE sync = v_sync AND record_key = v_key;
    IF v_key = ANY (v_seen) THEN
      SELECT 'version' AS reason, NULL::text AS claimed_by INTO v_objection;
    -- A node that is run again with its old items gets the reservation it has.
    ELSIF v_row.lease_run = v_run AND v_row.lease_expires_at > v_now AND v_row.version = (v_item->>'version')::bigint + 1 AND jsonb_array_length(v_item->'intents') > 0
        AND ARRAY(SELECT i.system || '/' || i.idempotency_key FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = v_key AND i.fencing_token = v_row.fencing_token AND NOT i.superseded ORDER BY 1)
          = ARRAY(SELECT (i->>'system') || '/' || (i->>'idempotency_key') FROM jsonb_array_elements(v_item->'intents') i ORDER BY 1) THEN
      v_seen := v_seen || v_key;
      v_outcomes := v_outcomes || 'reserved'::text;
      RETURN NEXT jsonb_build_object('kind', 'Reserved', 'record_key', v_key, 'fencing_token', v_row.fencing_token, 'version', v_row.version, 'lease_expires_at', sync_iso(v_row.lease_expires_at));
      CONTINUE;
    ELSE
      SELECT o.reason, o.claimed_by INTO v_objection FROM sync_objection(p_run, v_item, v_now) o;
    END IF;
    v_seen := v_seen || v_key;
    IF v_objection.reason IS NOT NULL THEN
      -- The holder's Commit then sends its run back to this record, which by then finds the created one.
      IF v_objection.reason = 'match_key_claimed' AND NOT v_dry AND v_item->'links'->>(p_run->>'source') IS NOT NULL THEN
        PERFORM sync_note(v_sync, p_run->>'source', v_item->'links'->>(p_run->>'source'), v_objection.claimed_by);
      END IF;
      v_outcomes := v_outcomes || 'recheck'::text;
      RETURN NEXT jsonb_build_object('kind', 'Recheck', 'record_key', v_key, 'reason', v_objection.reason, 'claimed_by', v_objection.claimed_by);
      CONTINUE;
    END IF;
    v_until := date_trunc('milliseconds', v_now) + make_interval(secs => (v_item->>'lease_seconds')::double precision);
    v_token := 0;
    IF NOT v_dry THEN
      INSERT INTO sync_records (sync, record_key, version, committed_version, changed_seq, fencing_token, committed_token) VALUES (v_sync, v_key, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
      v_token := nextval('sync_sequence');
      UPDATE sync_records SET version = version + 1, changed_seq = nextval('sync_sequence'), fencing_token = v_token, lease_run = v_run, lease_expires_at = v_until WHERE sync = v_sync AND record_key = v_key;
      -- Kept, never overwritten: a late write of theirs must be recognized when it lands.
      UPDATE sync_intents SET superseded = true WHERE sync = v_sync AND record_key = v_key AND NOT superseded;
      INSERT INTO sync_intents (sync, record_key, fencing_token, system, op, to_record, from_record, echo_fingerprint, idempotency_key, native_id, match_key, overrides, used, superseded, run_id, may_land_until)
        SELECT v_sync, v_key, v_token, i->>'system', i->>'op', i->>'to', i->>'from', i->>'echo_fingerprint', i->>'idempotency_key', i->>'native_id', i->>'match_key', i->>'overrides', i->>'used', false, v_run, v_until
        FROM jsonb_array_elements(v_item->'intents') i;
      FOR v_hint IN SELECT h.system, h.native_id FROM sync_hints_of(v_item->'links') h LOOP
        PERFORM sync_save_link(v_sync, v_hint.system, v_hint.native_id, v_key);
      END LOOP;
    END IF;
    v_outcomes := v_outcomes || 'reserved'::text;
    RETURN NEXT jsonb_build_object('kind', 'Reserved', 'record_key', v_key, 'fencing_token', v_token, 'version', (v_item->>'version')::bigint + 1, 'lease_expires_at', sync_iso(v_until));
  END LOOP;
  IF NOT v_dry THEN
    PERFORM sync_count(p_run, v_outcomes);
  END IF;
END $$;
`,
} as const;
