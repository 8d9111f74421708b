/** What several steps ask about a row and what hangs on it. */
export const records = {
  number: 3,
  name: 'records',
  sql: `
CREATE FUNCTION {schema}.sync_links_of(p_sync text, p_record_key text) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT coalesce(jsonb_object_agg(system, native_id), '{}') FROM sync_links WHERE sync = p_sync AND record_key = p_record_key
$$;

-- \`givesWay\` of core/stages/ledger-reserve.ts. Nobody else can be at such a row: whoever is holds the lock of its one native id.
CREATE FUNCTION {schema}.sync_gives_way(p_sync text, p_record_key text, p_to text, p_now timestamptz) RETURNS boolean LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM sync_records r WHERE r.sync = p_sync AND r.record_key = p_record_key AND (r.lease_run IS NULL OR r.lease_expires_at <= p_now))
    AND NOT EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = p_sync AND s.record_key = p_record_key AND NOT EXISTS (SELECT 1 FROM sync_links l WHERE l.sync = p_sync AND l.record_key = p_record_key AND l.system = s.system))
    AND NOT EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = p_sync AND i.record_key = p_record_key AND (i.op <> 'create' OR i.may_land_until > p_now
      OR NOT EXISTS (SELECT 1 FROM sync_intents t WHERE t.sync = p_sync AND t.record_key = p_to AND t.op = 'create')))
    AND NOT EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = p_sync AND v.record_key = p_record_key AND v.kind <> 'rejected_write')
    AND (SELECT count(*) FROM sync_links l WHERE l.sync = p_sync AND l.record_key = p_record_key) <= 1
$$;

-- Rows with what hangs on them. Whoever drops one has made sure that nobody is asked about it, but why the other half of its pair was not created.
CREATE FUNCTION {schema}.sync_drop_rows(p_sync text, p_keys text[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
BEGIN
  DELETE FROM sync_reviews WHERE sync = p_sync AND record_key = ANY (p_keys);
  DELETE FROM sync_issues i WHERE i.id IN (SELECT o.id FROM sync_issues o WHERE o.sync = p_sync AND o.record_key = ANY (p_keys) FOR UPDATE SKIP LOCKED);
  DELETE FROM sync_intents WHERE sync = p_sync AND record_key = ANY (p_keys);
  DELETE FROM sync_snapshots WHERE sync = p_sync AND record_key = ANY (p_keys);
  DELETE FROM sync_links WHERE sync = p_sync AND record_key = ANY (p_keys);
  DELETE FROM sync_records WHERE sync = p_sync AND record_key = ANY (p_keys);
END $$;

-- A link that is stored already is not written again: Reserve and Commit come with the links of each record, and hardly ever with new ones.
CREATE FUNCTION {schema}.sync_save_link(p_sync text, p_system text, p_native_id text, p_record_key text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_holder text := (SELECT l.record_key FROM sync_links l WHERE l.sync = p_sync AND l.system = p_system AND l.native_id = p_native_id);
BEGIN
  PERFORM sync_claim_note(p_sync, p_system, p_native_id, p_record_key);
  IF v_holder = p_record_key THEN
    RETURN;
  -- It was never paired: Reserve and Commit come here with others' ids only where they give way.
  ELSIF v_holder IS NOT NULL THEN
    UPDATE sync_notes SET record_key = p_record_key WHERE sync = p_sync AND record_key = v_holder;
    PERFORM sync_drop_rows(p_sync, ARRAY[v_holder]);
  END IF;
  INSERT INTO sync_links (sync, system, native_id, record_key) VALUES (p_sync, p_system, p_native_id, p_record_key)
    ON CONFLICT (sync, record_key, system) DO UPDATE SET native_id = excluded.native_id;
END $$;

-- The row that each of these native ids belongs to; null where none. Each by its key: see sync_notes_of.
CREATE FUNCTION {schema}.sync_holders(p_sync text, p_links jsonb) RETURNS TABLE (system text, native_id text, record_key text) LANGUAGE sql VOLATILE ROWS 2 SET search_path = {schema}, pg_temp AS $$
  SELECT h.system, h.native_id, (SELECT l.record_key FROM sync_links l WHERE l.sync = p_sync AND l.system = h.system AND l.native_id = h.native_id) FROM sync_hints_of(p_links) h
$$;

-- Another row that one of these native ids belongs to and stays with.
CREATE FUNCTION {schema}.sync_link_holder(p_sync text, p_record_key text, p_links jsonb, p_now timestamptz) RETURNS text LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT h.record_key FROM sync_holders(p_sync, p_links) h WHERE h.record_key <> p_record_key AND NOT sync_gives_way(p_sync, h.record_key, p_record_key, p_now) ORDER BY h.system LIMIT 1
$$;

CREATE FUNCTION {schema}.sync_review(p_review {schema}.sync_reviews) RETURNS jsonb LANGUAGE sql STABLE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object('id', p_review.id, 'record_key', p_review.record_key, 'kind', p_review.kind, 'subject', p_review.subject, 'fields', p_review.fields,
    'reason', p_review.reason, 'values', p_review."values", 'base', p_review.base, 'status', p_review.status, 'decision', p_review.decision)
$$;

-- What a Recheck must read: both linked records, then the native ids of the row's unhandled notes.
CREATE FUNCTION {schema}.sync_read_of(p_sync text, p_record_key text, p_links jsonb) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('system', system, 'native_id', native_id) ORDER BY place, system, native_id), '[]') FROM (
    SELECT system, native_id, min(place) AS place FROM (
      SELECT h.system, h.native_id, 1 AS place FROM sync_hints_of(p_links || sync_links_of(p_sync, p_record_key)) h
      UNION ALL SELECT n.system, n.native_id, 2 FROM sync_notes_of(p_sync, p_record_key, p_links) n WHERE n.hint_seq > n.handled_seq) AS named
    GROUP BY system, native_id) AS distinct_hints
$$;

CREATE FUNCTION {schema}.sync_open_issues(p_run jsonb, p_issues jsonb, p_now timestamptz) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  INSERT INTO sync_issues AS i (id, seq, sync, record_key, system, native_id, code, reasons, opened_at, seen)
  SELECT gen_random_uuid()::text, nextval('sync_sequence'), p_run->>'sync', d.record_key, d.system, d.native_id, d.code, d.reasons, p_now, 1 FROM (
    SELECT DISTINCT ON (e.value->>'system', coalesce(e.value->>'native_id', ''), e.value->>'code')
      e.value->>'record_key' AS record_key, e.value->>'system' AS system, coalesce(e.value->>'native_id', '') AS native_id, e.value->>'code' AS code, e.value->>'reasons' AS reasons, e.place
    FROM jsonb_array_elements(p_issues) WITH ORDINALITY AS e(value, place)
    ORDER BY e.value->>'system', coalesce(e.value->>'native_id', ''), e.value->>'code', e.place DESC) AS d
  ORDER BY d.place
  -- The same issue with the same reasons leaves the ledger as it is (law 10).
  ON CONFLICT (sync, system, native_id, code) DO UPDATE SET reasons = excluded.reasons, record_key = coalesce(excluded.record_key, i.record_key), seen = i.seen + 1
  WHERE i.reasons <> excluded.reasons
$$;
`,
} as const;
