/**
 * What stops a sync until a person lets it go on (`core/policies/guards.ts` and `ledger/steps/guard-batch.ts` say why). What a guard asks
 * comes along as data; here stands only what the ledger adds.
 */
export const holds = {
  number: 12,
  name: 'holds',
  sql: `
CREATE TABLE {schema}.sync_holds (
  id TEXT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  sync TEXT NOT NULL,
  guard TEXT NOT NULL,
  subject TEXT NOT NULL,
  counted BIGINT NOT NULL,
  allowed BIGINT NOT NULL,
  known BIGINT,
  held_by TEXT,
  said TEXT,
  opened_at TIMESTAMPTZ NOT NULL,
  told_at TIMESTAMPTZ,
  released_at TIMESTAMPTZ,
  released_by TEXT
);
CREATE UNIQUE INDEX sync_holds_open ON {schema}.sync_holds (sync, guard, subject) WHERE released_at IS NULL;
CREATE INDEX sync_holds_released ON {schema}.sync_holds (sync, guard, subject, released_at) WHERE released_at IS NOT NULL;
CREATE INDEX sync_runs_since ON {schema}.sync_runs (sync, started_at);

CREATE FUNCTION {schema}.sync_hold_of(p_hold {schema}.sync_holds) RETURNS jsonb LANGUAGE sql STABLE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object('id', p_hold.id, 'guard', p_hold.guard, 'subject', p_hold.subject, 'counted', p_hold.counted, 'allowed', p_hold.allowed, 'known', p_hold.known,
    'by', p_hold.held_by, 'said', p_hold.said, 'opened_at', sync_iso(p_hold.opened_at))
$$;

-- Opens it, or lets the same one that is open grow. The same again leaves the ledger as it is (law 10).
CREATE FUNCTION {schema}.sync_open_hold(p_sync text, p_hold jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
BEGIN
  -- Of last month's holds nobody asks any more; nothing else counts them.
  DELETE FROM sync_holds h WHERE h.id IN (SELECT o.id FROM sync_holds o WHERE o.sync = p_sync AND o.released_at < p_now - interval '30 days' FOR UPDATE SKIP LOCKED);
  INSERT INTO sync_holds AS h (id, seq, sync, guard, subject, counted, allowed, known, held_by, said, opened_at)
  VALUES (gen_random_uuid()::text, nextval('sync_sequence'), p_sync, p_hold->>'guard', p_hold->>'subject', (p_hold->>'counted')::bigint, (p_hold->>'allowed')::bigint, (p_hold->>'known')::bigint,
    p_hold->>'by', p_hold->>'said', p_now)
  ON CONFLICT (sync, guard, subject) WHERE released_at IS NULL DO UPDATE SET counted = excluded.counted, allowed = excluded.allowed, known = excluded.known WHERE excluded.counted > h.counted;
  RETURN (SELECT sync_hold_of(h) FROM sync_holds h WHERE h.sync = p_sync AND h.guard = p_hold->>'guard' AND h.subject = p_hold->>'subject' AND h.released_at IS NULL);
END $$;

CREATE FUNCTION {schema}.sync_release(p_sync text, p_request jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_hold sync_holds;
BEGIN
  SELECT * INTO v_hold FROM sync_holds WHERE sync = p_sync AND id = p_request->>'id' AND released_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('kind', 'Gone');
  ELSIF v_hold.counted <> (p_request->>'counted')::bigint THEN
    RETURN jsonb_build_object('kind', 'Changed', 'hold', sync_hold_of(v_hold));
  END IF;
  UPDATE sync_holds SET released_at = coalesce(p_now, clock_timestamp()), released_by = p_request->>'by' WHERE id = v_hold.id;
  -- Its numbers stand on records already: given again, a foreign write would pass for ours.
  IF v_hold.guard = 'ledger_behind' THEN
    PERFORM setval('sync_sequence', greatest(v_hold.counted, nextval('sync_sequence')));
  END IF;
  RETURN jsonb_build_object('kind', 'Released', 'hold', sync_hold_of(v_hold));
END $$;

CREATE FUNCTION {schema}.sync_tell_holds(p_sync text, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  WITH told AS (UPDATE sync_holds SET told_at = coalesce(p_now, clock_timestamp()) WHERE sync = p_sync AND released_at IS NULL AND told_at IS NULL RETURNING *)
  SELECT sync_hold_of(h) FROM sync_holds h JOIN told t ON t.id = h.id ORDER BY h.seq
$$;

-- The items that their own run has reserved already: a node that is run again.
CREATE FUNCTION {schema}.sync_repeated(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS TABLE (record_key text, intents jsonb) LANGUAGE sql STABLE SET search_path = {schema}, pg_temp AS $$
  SELECT r.record_key, e->'intents' FROM jsonb_array_elements(p_items) e CROSS JOIN LATERAL (SELECT * FROM sync_records o WHERE o.sync = p_run->>'sync' AND o.record_key = e->>'record_key' LIMIT 1) r
  WHERE r.lease_run = p_run->>'run_id' AND r.lease_expires_at > p_now AND r.version = (e->>'version')::bigint + 1
$$;

-- What one guard finds about a batch; null when it may pass. As decideGuard.
CREATE FUNCTION {schema}.sync_trip(p_run jsonb, p_items jsonb, p_guards jsonb, p_test jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_counted bigint := (p_test->>'counted')::bigint;
  v_percent numeric := (p_test->>'percent')::numeric;
  v_few bigint := (p_guards->>'few')::bigint;
  v_enough bigint := 0;
  v_known bigint := 0;
  v_share bigint;
  v_allowed bigint;
BEGIN
  IF p_test->>'guard' = 'ledger_behind' THEN
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO v_allowed FROM sync_sequence;
    RETURN CASE WHEN v_counted > v_allowed THEN jsonb_build_object('guard', 'ledger_behind', 'subject', '', 'counted', v_counted, 'allowed', v_allowed, 'known', NULL) END;
  END IF;
  IF p_test->>'counter' IS NOT NULL THEN
    v_counted := v_counted
      + (SELECT coalesce(sum((r.counts->>(p_test->>'counter'))::bigint), 0) FROM sync_runs r WHERE r.sync = v_sync AND r.started_at > p_now - make_interval(secs => (p_test->>'window_seconds')::double precision))
      -- A node that is run again asks for what it has: that was counted when it got it.
      - (SELECT count(*) FROM sync_repeated(p_run, p_items, p_now) o, jsonb_array_elements(o.intents) i WHERE p_test->>'counter' = 'planned_write' OR i->>'op' = 'delete');
  END IF;
  IF v_percent IS NOT NULL AND v_counted > v_few THEN
    -- With as many known records everything passes: a ledger of millions is not counted to the end.
    v_enough := ceil(v_counted * 100 / v_percent);
    SELECT count(*) INTO v_known FROM (SELECT 1 FROM sync_records WHERE sync = v_sync AND tombstone_at IS NULL LIMIT v_enough) AS known;
  END IF;
  IF v_percent IS NOT NULL AND (v_enough = 0 OR v_known < v_enough) THEN
    v_share := greatest(v_few, floor(v_known * v_percent / 100));
  END IF;
  -- least() skips what is null: a guard without a number has no limit.
  v_allowed := least((p_test->>'count')::bigint, v_share) + (SELECT coalesce(max(h.counted), 0) FROM sync_holds h
    WHERE h.sync = v_sync AND h.guard = p_test->>'guard' AND h.subject = p_test->>'subject' AND h.released_at > p_now - make_interval(secs => (p_guards->>'release_seconds')::double precision));
  IF v_allowed IS NULL OR v_counted <= v_allowed THEN
    RETURN NULL;
  END IF;
  RETURN jsonb_build_object('guard', p_test->>'guard', 'subject', p_test->>'subject', 'counted', v_counted, 'allowed', v_allowed, 'known', CASE WHEN v_enough > 0 AND v_known < v_enough THEN v_known END);
END $$;

-- Records of the batch that are written again and again. As decideRecordGuard.
CREATE FUNCTION {schema}.sync_trip_records(p_run jsonb, p_items jsonb, p_guards jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object('guard', 'writes_per_record', 'subject', t.record_key, 'counted', t.counted, 'allowed', t.allowed, 'known', NULL) FROM (
    SELECT e.value->>'record_key' AS record_key, e.place,
      jsonb_array_length(e.value->'intents')
        + (SELECT count(*) FROM sync_history h WHERE h.sync = p_run->>'sync' AND h.record_key = e.value->>'record_key' AND h.at > w.since AND h.fields <> '[]')
        -- An intent that nobody settled may have been written all the same.
        + (SELECT count(*) FROM sync_intents i WHERE i.sync = p_run->>'sync' AND i.record_key = e.value->>'record_key' AND i.may_land_until > w.since) AS counted,
      (p_guards->>'writes_per_record')::bigint + (SELECT coalesce(max(h.counted), 0) FROM sync_holds h WHERE h.sync = p_run->>'sync' AND h.guard = 'writes_per_record' AND h.subject = e.value->>'record_key'
        AND h.released_at > p_now - make_interval(secs => (p_guards->>'release_seconds')::double precision)) AS allowed
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(value, place), (SELECT p_now - make_interval(secs => (p_guards->>'record_window_seconds')::double precision) AS since) AS w
    WHERE e.value->>'record_key' NOT IN (SELECT o.record_key FROM sync_repeated(p_run, p_items, p_now) o)) AS t
  WHERE t.counted > t.allowed ORDER BY t.place
$$;

-- Why the batch, or records of it, are held: { all, records }. Opens what trips, unless the run is dry.
CREATE FUNCTION {schema}.sync_guard(p_run jsonb, p_items jsonb, p_guards jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_found jsonb[] := '{}';
  v_fact jsonb;
  v_new jsonb;
BEGIN
  IF p_guards IS NOT NULL THEN
    v_found := ARRAY(SELECT f.facts FROM jsonb_array_elements(p_guards->'tests') WITH ORDINALITY AS t(test, place), LATERAL (SELECT sync_trip(p_run, p_items, p_guards, t.test, p_now) AS facts) AS f
      WHERE f.facts IS NOT NULL ORDER BY t.place);
    -- Records are looked at only where the batch may go on: a hold of the whole sync says enough.
    IF cardinality(v_found) = 0 AND p_guards->>'writes_per_record' IS NOT NULL THEN
      v_found := ARRAY(SELECT sync_trip_records(p_run, p_items, p_guards, p_now));
    END IF;
    IF NOT v_dry THEN
      FOREACH v_fact IN ARRAY v_found LOOP
        PERFORM sync_open_hold(v_sync, v_fact, p_now);
      END LOOP;
    END IF;
  END IF;
  RETURN (WITH open AS (
      SELECT sync_hold_of(h) AS hold, h.seq AS place FROM sync_holds h WHERE h.sync = v_sync AND h.released_at IS NULL
      -- A dry run says what would be held, and stores nothing.
      UNION ALL SELECT f.facts || jsonb_build_object('id', '', 'by', NULL, 'said', NULL, 'opened_at', sync_iso(p_now)), 9000000000000000 + f.place FROM unnest(v_found) WITH ORDINALITY AS f(facts, place) WHERE v_dry)
    SELECT jsonb_build_object('all', (SELECT o.hold FROM open o WHERE o.hold->>'guard' <> 'writes_per_record' ORDER BY o.place LIMIT 1),
      'records', (SELECT coalesce(jsonb_object_agg(o.hold->>'subject', o.hold), '{}') FROM open o WHERE o.hold->>'guard' = 'writes_per_record')));
END $$;

-- Reserve for what is not held; the holds come first. What it plans to write is counted in the log of runs, for the guards of later runs.
CREATE FUNCTION {schema}.sync_reserve_guarded(p_run jsonb, p_items jsonb, p_guards jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_now timestamptz;
  v_holds jsonb;
  v_all jsonb;
  v_free jsonb := '[]';
  v_repeated text[];
  v_answers jsonb := '[]';
BEGIN
  IF NOT v_dry THEN
    PERFORM sync_lock_plan(p_run->>'sync', sync_plan(p_items));
  END IF;
  v_now := coalesce(p_now, clock_timestamp());
  v_holds := sync_guard(p_run, p_items, nullif(p_guards, 'null'), v_now);
  v_all := nullif(v_holds->'all', 'null');
  IF v_all IS NULL THEN
    SELECT coalesce(jsonb_agg(e.value ORDER BY e.place), '[]') INTO v_free FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(value, place) WHERE NOT v_holds->'records' ? (e.value->>'record_key');
    v_repeated := ARRAY(SELECT o.record_key FROM sync_repeated(p_run, v_free, v_now) o);
    SELECT coalesce(jsonb_agg(a.answer ORDER BY a.place), '[]') INTO v_answers FROM sync_reserve_locked(p_run, sync_plan(v_free), v_now) WITH ORDINALITY AS a(answer, place);
  END IF;
  IF NOT v_dry THEN
    PERFORM sync_count(p_run, array_fill('held'::text, ARRAY[jsonb_array_length(p_items) - jsonb_array_length(v_free)]) || ARRAY(
      SELECT unnest(CASE WHEN i.value->>'op' = 'delete' THEN ARRAY['planned_write', 'planned_delete'] ELSE ARRAY['planned_write'] END)
      FROM jsonb_array_elements(v_answers) WITH ORDINALITY AS a(answer, place) JOIN jsonb_array_elements(v_free) WITH ORDINALITY AS e(value, place) ON e.place = a.place, jsonb_array_elements(e.value->'intents') AS i
      WHERE a.answer->>'kind' = 'Reserved' AND e.value->>'record_key' <> ALL (v_repeated)));
  END IF;
  RETURN QUERY SELECT CASE WHEN t.hold IS NULL THEN a.answer ELSE jsonb_build_object('kind', 'Held', 'record_key', t.record_key, 'hold', t.hold) END
    FROM (SELECT h.*, count(*) FILTER (WHERE h.hold IS NULL) OVER (ORDER BY h.place) AS free_place FROM (
      SELECT e.value->>'record_key' AS record_key, e.place, coalesce(v_all, v_holds->'records'->(e.value->>'record_key')) AS hold FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(value, place)) AS h) AS t
    LEFT JOIN jsonb_array_elements(v_answers) WITH ORDINALITY AS a(answer, place) ON t.hold IS NULL AND a.place = t.free_place
    ORDER BY t.place;
END $$;
`,
} as const;
