/** The order of tests is that of `core/stages/ledger-reserve.ts`, which says why. */
export const reserve = {
  number: 6,
  name: 'reserve',
  sql: `
-- Why a Reserve, or a Commit without a write, must be done again; null when it may go on. The row is locked by the caller.
CREATE FUNCTION {schema}.sync_objection(p_run jsonb, p_item jsonb, p_now timestamptz, OUT reason text, OUT claimed_by text) LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_key text := p_item->>'record_key';
  v_version bigint := (p_item->>'version')::bigint;
  v_row sync_records;
BEGIN
  SELECT * INTO v_row FROM sync_records WHERE sync = v_sync AND record_key = v_key;
  IF coalesce(v_row.version, 0) <> v_version OR (v_row.version IS NOT NULL AND v_version = 0) THEN
    reason := 'version';
    RETURN;
  END IF;
  IF v_row.lease_run <> p_run->>'run_id' AND v_row.lease_expires_at > p_now THEN
    reason := 'lease';
    RETURN;
  END IF;
  -- Handled or not: the run that handled it read something this run has not seen.
  IF EXISTS (SELECT 1 FROM sync_notes_of(v_sync, v_key, p_item->'links') n WHERE n.hint_seq > (p_run->>'read_token')::bigint)
      -- What pruning has forgotten counts as a note of every record.
      OR EXISTS (SELECT 1 FROM sync_syncs s WHERE s.sync = v_sync AND s.forgotten_seq > (p_run->>'read_token')::bigint) THEN
    reason := 'hint';
    RETURN;
  END IF;
  claimed_by := sync_link_holder(v_sync, v_key, p_item->'links', p_now);
  IF claimed_by IS NOT NULL THEN
    reason := 'link_claimed';
    RETURN;
  END IF;
  SELECT o.record_key INTO claimed_by FROM jsonb_array_elements(coalesce(p_item->'intents', '[]')) WITH ORDINALITY AS e(intent, place)
    CROSS JOIN LATERAL (SELECT i.record_key FROM sync_intents i WHERE i.sync = v_sync AND i.system = e.intent->>'system' AND i.match_key = e.intent->>'match_key' AND i.op = 'create' AND i.record_key <> v_key AND (NOT i.superseded OR i.may_land_until > p_now)
      ORDER BY i.record_key COLLATE "C" LIMIT 1) AS o
    WHERE e.intent->>'op' = 'create' ORDER BY e.place LIMIT 1;
  IF claimed_by IS NOT NULL THEN
    reason := 'match_key_claimed';
  END IF;
END $$;

CREATE FUNCTION {schema}.sync_lock_plan(p_sync text, p_items jsonb) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_keys text[] := ARRAY(SELECT DISTINCT e->>'record_key' FROM jsonb_array_elements(p_items) e);
  v_hints jsonb := (SELECT coalesce(jsonb_agg(jsonb_build_object('system', h.system, 'native_id', h.native_id)), '[]') FROM jsonb_array_elements(p_items) e, sync_hints_of(e->'links') h);
BEGIN
  PERFORM sync_lock_identities(p_sync, ARRAY(
    SELECT 'k/' || key FROM unnest(v_keys) AS key
    UNION ALL SELECT 'n/' || (h->>'system') || '/' || (h->>'native_id') FROM jsonb_array_elements(v_hints) h
    UNION ALL SELECT 'n/' || (i->>'system') || '/' || (i->>'native_id') FROM jsonb_array_elements(p_items) e, jsonb_array_elements(coalesce(e->'issues', '[]')) i
    UNION ALL SELECT 'n/' || l.system || '/' || l.native_id FROM sync_links l WHERE l.sync = p_sync AND l.record_key = ANY (v_keys)
    UNION ALL SELECT 'm/' || (i->>'system') || '/' || (i->>'match_key') FROM jsonb_array_elements(p_items) e, jsonb_array_elements(coalesce(e->'intents', '[]')) i));
  PERFORM sync_lock_records(p_sync, v_keys);
  PERFORM sync_lock_notes(p_sync, v_keys, v_hints);
END $$;

CREATE FUNCTION {schema}.sync_reserve(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
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
