/**
 * Reserve, and what a Commit shares with it. The order of tests is that of `core/stages/ledger-reserve.ts`, which says why.
 *
 * A batch is handled in pieces, each with a few statements for all of its items: first, at once, all that name no identity of an earlier
 * item, so that none could see what another did; then every other item by itself, in order. Hardly ever is there more than the first piece.
 */
export const reserve = {
  number: 6,
  name: 'reserve',
  sql: `
-- repeated: an earlier item of the batch is about the same record.
CREATE TYPE {schema}.sync_plan_item AS (place bigint, record_key text, repeated boolean, version bigint, links jsonb, item jsonb);

-- reason: why it must be done again; null when it may go on.
CREATE TYPE {schema}.sync_judged AS (place bigint, record_key text, links jsonb, item jsonb, reason text, claimed_by text);

CREATE TYPE {schema}.sync_answer AS (place bigint, answer jsonb);

CREATE FUNCTION {schema}.sync_plan(p_items jsonb) RETURNS {schema}.sync_plan_item[] LANGUAGE sql IMMUTABLE SET search_path = {schema}, pg_temp AS $$
  SELECT coalesce(array_agg(ROW(t.place, t.record_key, t.nth > 1, (t.item->>'version')::bigint, t.item->'links', t.item)::sync_plan_item ORDER BY t.place), '{}')
  FROM (SELECT e.place, e.item, e.item->>'record_key' AS record_key, row_number() OVER (PARTITION BY e.item->>'record_key' ORDER BY e.place) AS nth
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(item, place)) AS t
$$;

-- What an item speaks of, native ids apart: its record, the records that its issues are about, and the match keys of its creates.
CREATE FUNCTION {schema}.sync_named(p_items {schema}.sync_plan_item[]) RETURNS TABLE (place bigint, identity text) LANGUAGE sql STABLE AS $$
  SELECT e.place, 'k/' || e.record_key FROM {schema}.sync_each(p_items) e
  UNION ALL SELECT e.place, 'n/' || (i->>'system') || '/' || coalesce(i->>'native_id', '') FROM {schema}.sync_each(p_items) e, jsonb_array_elements(coalesce(e.item->'issues', '[]')) i
  UNION ALL SELECT e.place, 'm/' || (i->>'system') || '/' || (i->>'match_key') FROM {schema}.sync_each(p_items) e, jsonb_array_elements(coalesce(e.item->'intents', '[]')) i
$$;

-- Its native ids and those that its record is linked to, each once.
CREATE FUNCTION {schema}.sync_natives(p_sync text, p_items {schema}.sync_plan_item[]) RETURNS TABLE (place bigint, system text, native_id text, linked boolean) LANGUAGE sql STABLE AS $$
  SELECT t.place, t.system, t.native_id, bool_or(t.linked) FROM (
    SELECT e.place, h.system, h.native_id, false AS linked FROM {schema}.sync_each(p_items) e, {schema}.sync_hints_of(e.links) h
    UNION ALL SELECT e.place, l.system, l.native_id, true FROM {schema}.sync_each(p_items) e CROSS JOIN LATERAL (SELECT * FROM {schema}.sync_links o WHERE o.sync = p_sync AND o.record_key = e.record_key OFFSET 0) l) AS t
  GROUP BY t.place, t.system, t.native_id
$$;

CREATE FUNCTION {schema}.sync_lock_plan(p_sync text, p_items {schema}.sync_plan_item[]) RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = {schema}, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_keys text[] := ARRAY(SELECT e.record_key FROM sync_each(p_items) e WHERE NOT e.repeated);
BEGIN
  PERFORM sync_lock_identities(p_sync, ARRAY(SELECT n.identity FROM sync_named(p_items) n UNION ALL SELECT 'n/' || n.system || '/' || n.native_id FROM sync_natives(p_sync, p_items) n));
  PERFORM sync_lock_records(p_sync, v_keys);
  PERFORM sync_lock_notes(p_sync, v_keys, (SELECT coalesce(jsonb_agg(jsonb_build_object('system', h.system, 'native_id', h.native_id)), '[]') FROM sync_each(p_items) e, sync_hints_of(e.links) h));
END $$;

-- Beside what they speak of, items can meet in rows: the holder of a native id, whom a note was handed over to, the holder of a match key.
-- Whoever meets an earlier item goes alone: what that one does can bring it together with others.
CREATE FUNCTION {schema}.sync_pieces(p_sync text, p_items {schema}.sync_plan_item[]) RETURNS TABLE (items {schema}.sync_plan_item[]) LANGUAGE plpgsql VOLATILE
SET search_path = {schema}, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_alone bigint[] := ARRAY(
    WITH natives AS MATERIALIZED (SELECT * FROM sync_natives(p_sync, p_items)),
    met AS (
      SELECT n.place, n.identity FROM sync_named(p_items) n
      UNION ALL SELECT n.place, 'n/' || n.system || '/' || n.native_id FROM natives n
      UNION ALL SELECT n.place, 'k/' || l.record_key FROM natives n CROSS JOIN LATERAL (SELECT * FROM sync_links o WHERE o.sync = p_sync AND o.system = n.system AND o.native_id = n.native_id LIMIT 1) l WHERE NOT n.linked
      UNION ALL SELECT n.place, 'k/' || t.record_key FROM natives n CROSS JOIN LATERAL (SELECT * FROM sync_notes o WHERE o.sync = p_sync AND o.system = n.system AND o.native_id = n.native_id LIMIT 1) t
      UNION ALL SELECT e.place, 'k/' || i.record_key FROM sync_each(p_items) e, jsonb_array_elements(coalesce(e.item->'intents', '[]')) d JOIN sync_intents i ON i.sync = p_sync AND i.system = d->>'system' AND i.match_key = d->>'match_key')
    SELECT DISTINCT t.place FROM (SELECT m.place, min(m.place) OVER (PARTITION BY m.identity) AS earliest FROM met m WHERE m.identity IS NOT NULL) AS t WHERE t.earliest < t.place);
BEGIN
  RETURN QUERY SELECT ARRAY(SELECT e FROM sync_each(p_items) e WHERE e.place <> ALL (v_alone));
  RETURN QUERY SELECT ARRAY[p_items[a.place]] FROM unnest(v_alone) AS a(place) ORDER BY a.place;
END $$;

-- Why a Reserve, or a Commit without a write, must be done again: the first test that fails says it. The rows are locked by the caller.
CREATE FUNCTION {schema}.sync_judge(p_run jsonb, p_items {schema}.sync_plan_item[], p_now timestamptz) RETURNS TABLE (place bigint, record_key text, links jsonb, item jsonb, reason text, claimed_by text) LANGUAGE sql STABLE AS $$
  SELECT e.place, e.record_key, e.links, e.item, o.reason, o.claimed_by
  FROM {schema}.sync_each(p_items) e LEFT JOIN {schema}.sync_records r ON r.sync = p_run->>'sync' AND r.record_key = e.record_key
  LEFT JOIN LATERAL (
    SELECT 1 AS rank, 'version' AS reason, NULL AS claimed_by WHERE coalesce(r.version, 0) <> e.version OR (r.version IS NOT NULL AND e.version = 0)
    UNION ALL SELECT 2, 'lease', NULL WHERE r.lease_run <> p_run->>'run_id' AND r.lease_expires_at > p_now
    -- Handled or not: the run that handled it read something this run has not seen.
    UNION ALL SELECT 3, 'hint', NULL WHERE EXISTS (SELECT 1 FROM {schema}.sync_notes_of(p_run->>'sync', e.record_key, e.links) n WHERE greatest(n.hint_seq, n.unlinked_seq) > (p_run->>'read_token')::bigint)
      -- What pruning has forgotten counts as a note of every record.
      OR EXISTS (SELECT 1 FROM {schema}.sync_syncs s WHERE s.sync = p_run->>'sync' AND s.forgotten_seq > (p_run->>'read_token')::bigint)
    -- Another row that one of these native ids belongs to and stays with.
    UNION ALL (SELECT 4, 'link_claimed', h.record_key FROM {schema}.sync_holders(p_run->>'sync', e.links) h
      WHERE h.record_key <> e.record_key AND NOT {schema}.sync_gives_way(p_run->>'sync', h.record_key, e.record_key, p_now) ORDER BY h.system LIMIT 1)
    UNION ALL (SELECT 5, 'match_key_claimed', o.record_key FROM jsonb_array_elements(coalesce(e.item->'intents', '[]')) WITH ORDINALITY AS d(intent, place)
      CROSS JOIN LATERAL (SELECT i.record_key FROM {schema}.sync_intents i WHERE i.sync = p_run->>'sync' AND i.system = d.intent->>'system' AND i.match_key = d.intent->>'match_key' AND i.op = 'create' AND i.record_key <> e.record_key
        AND (NOT i.superseded OR i.may_land_until > p_now) ORDER BY i.record_key COLLATE "C" LIMIT 1) AS o
      WHERE d.intent->>'op' = 'create' ORDER BY d.place LIMIT 1)
    ORDER BY rank LIMIT 1) AS o ON true
$$;

-- One piece. What an item plans is written last, when nothing stands against it.
CREATE FUNCTION {schema}.sync_reserve_piece(p_run jsonb, p_items {schema}.sync_plan_item[], p_now timestamptz) RETURNS SETOF {schema}.sync_answer LANGUAGE plpgsql VOLATILE
SET search_path = {schema}, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_run text := p_run->>'run_id';
  v_source text := p_run->>'source';
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_from timestamptz := date_trunc('milliseconds', p_now);
  -- A node that is run again with its old items gets the reservation it has.
  v_again bigint[] := ARRAY(SELECT e.place FROM sync_each(p_items) e CROSS JOIN LATERAL (SELECT * FROM sync_records o WHERE o.sync = v_sync AND o.record_key = e.record_key LIMIT 1) r
    WHERE NOT e.repeated AND r.lease_run = v_run AND r.lease_expires_at > p_now AND r.version = e.version + 1 AND jsonb_array_length(e.item->'intents') > 0
      AND ARRAY(SELECT i.system || '/' || i.idempotency_key FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = e.record_key AND i.fencing_token = r.fencing_token AND NOT i.superseded ORDER BY 1)
        = ARRAY(SELECT (i->>'system') || '/' || (i->>'idempotency_key') FROM jsonb_array_elements(e.item->'intents') i ORDER BY 1));
  v_judged sync_judged[];
  v_free sync_judged[];
BEGIN
  v_judged := ARRAY(SELECT ROW(e.place, e.record_key, e.links, e.item, 'version', NULL)::sync_judged FROM sync_each(p_items) e WHERE e.repeated)
    || ARRAY(SELECT ROW(j.*)::sync_judged FROM sync_judge(p_run, ARRAY(SELECT e FROM sync_each(p_items) e WHERE NOT e.repeated AND e.place <> ALL (v_again)), p_now) j);
  v_free := ARRAY(SELECT j FROM sync_each(v_judged) j WHERE j.reason IS NULL);
  IF NOT v_dry THEN
    -- The holder's Commit then sends its run back to this record, which by then finds the created one.
    PERFORM sync_note(v_sync, v_source, j.links->>v_source, j.claimed_by) FROM sync_each(v_judged) j WHERE j.reason = 'match_key_claimed' AND j.links->>v_source IS NOT NULL;
    PERFORM sync_withdraw_questions(v_sync, ARRAY(SELECT j.record_key FROM sync_each(v_judged) j WHERE j.reason = 'link_claimed'));
    INSERT INTO sync_records AS r (sync, record_key, version, committed_version, fencing_token, changed_seq, committed_token, lease_run, lease_expires_at)
      SELECT v_sync, j.record_key, 1, 0, nextval('sync_sequence'), nextval('sync_sequence'), 0, v_run, v_from + make_interval(secs => (j.item->>'lease_seconds')::double precision) FROM sync_each(v_free) j
      ON CONFLICT (sync, record_key) DO UPDATE SET version = r.version + 1, fencing_token = excluded.fencing_token, changed_seq = excluded.changed_seq, lease_run = excluded.lease_run, lease_expires_at = excluded.lease_expires_at;
    -- Kept, never overwritten: a late write of theirs must be recognized when it lands.
    UPDATE sync_intents i SET superseded = true WHERE i.sync = v_sync AND i.record_key = ANY (ARRAY(SELECT j.record_key FROM sync_each(v_free) j)) AND NOT i.superseded;
    INSERT INTO sync_intents (sync, record_key, fencing_token, system, op, to_record, from_record, echo_fingerprint, idempotency_key, native_id, match_key, overrides, used, superseded, run_id, may_land_until)
      SELECT v_sync, j.record_key, r.fencing_token, d.system, d.op, d."to", d."from", d.echo_fingerprint, d.idempotency_key, d.native_id, d.match_key, d.overrides, d.used, false, v_run, r.lease_expires_at
      FROM sync_each(v_free) j CROSS JOIN LATERAL (SELECT * FROM sync_records o WHERE o.sync = v_sync AND o.record_key = j.record_key LIMIT 1) r
        CROSS JOIN LATERAL jsonb_to_recordset(j.item->'intents') AS d(system text, op text, "to" text, "from" text, echo_fingerprint text, idempotency_key text, native_id text, match_key text, overrides text, used text);
    PERFORM sync_save_links(v_sync, ARRAY(SELECT ROW(v_sync, h.system, h.native_id, j.record_key)::sync_links FROM sync_each(v_free) j, sync_hints_of(j.links) h));
  END IF;
  RETURN QUERY
    SELECT j.place, jsonb_build_object('kind', 'Recheck', 'record_key', j.record_key, 'reason', j.reason, 'claimed_by', j.claimed_by) FROM sync_each(v_judged) j WHERE j.reason IS NOT NULL
    UNION ALL SELECT j.place, jsonb_build_object('kind', 'Reserved', 'record_key', j.record_key, 'fencing_token', 0, 'version', (j.item->>'version')::bigint + 1,
        'lease_expires_at', sync_iso(v_from + make_interval(secs => (j.item->>'lease_seconds')::double precision))) FROM sync_each(v_free) j WHERE v_dry
    UNION ALL SELECT e.place, jsonb_build_object('kind', 'Reserved', 'record_key', r.record_key, 'fencing_token', r.fencing_token, 'version', r.version, 'lease_expires_at', sync_iso(r.lease_expires_at))
      FROM (SELECT j.place, j.record_key FROM sync_each(v_free) j WHERE NOT v_dry UNION ALL SELECT e.place, e.record_key FROM sync_each(p_items) e WHERE e.place = ANY (v_again)) e
      CROSS JOIN LATERAL (SELECT * FROM sync_records o WHERE o.sync = v_sync AND o.record_key = e.record_key LIMIT 1) r;
END $$;

-- The caller has the locks.
CREATE FUNCTION {schema}.sync_reserve_locked(p_run jsonb, p_items {schema}.sync_plan_item[], p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_piece sync_plan_item[];
  v_answers sync_answer[] := '{}';
BEGIN
  FOR v_piece IN SELECT p.items FROM sync_pieces(p_run->>'sync', p_items) p LOOP
    v_answers := v_answers || ARRAY(SELECT a FROM sync_reserve_piece(p_run, v_piece, p_now) a);
  END LOOP;
  IF NOT (p_run->>'dry_run')::boolean THEN
    PERFORM sync_count(p_run, ARRAY(SELECT lower(a.answer->>'kind') FROM unnest(v_answers) a));
  END IF;
  RETURN QUERY SELECT a.answer FROM unnest(v_answers) a ORDER BY a.place;
END $$;

CREATE FUNCTION {schema}.sync_reserve(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_items sync_plan_item[] := sync_plan(p_items);
BEGIN
  IF NOT (p_run->>'dry_run')::boolean THEN
    PERFORM sync_lock_plan(p_run->>'sync', v_items);
  END IF;
  RETURN QUERY SELECT a FROM sync_reserve_locked(p_run, v_items, coalesce(p_now, clock_timestamp())) a;
END $$;
`,
} as const;
