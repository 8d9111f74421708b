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
      OR NOT EXISTS (SELECT 1 FROM sync_intents t WHERE t.sync = p_sync AND t.record_key = p_to AND t.op = 'create')
        AND (SELECT count(*) FROM sync_links l WHERE l.sync = p_sync AND l.record_key = p_to) <= 1))
    -- A decision is text that may hold what no jsonb holds; its keys are sorted, and "by" comes before these.
    AND NOT EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = p_sync AND v.record_key = p_record_key AND v.kind <> 'rejected_write'
      AND NOT EXISTS (SELECT 1 FROM sync_links l WHERE l.sync = p_sync AND l.record_key = p_to AND strpos(v.decision, '"kind":"link","native_id":' || to_json(l.native_id) || '}') > 0
        AND NOT EXISTS (SELECT 1 FROM sync_links o WHERE o.sync = p_sync AND o.record_key = p_record_key AND o.system = l.system)))
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

-- The native ids belong to these rows from now on, and whatever was noted about them. A link that is stored already is not written
-- again: Reserve and Commit come with the links of each record, and hardly ever with new ones.
CREATE FUNCTION {schema}.sync_save_links(p_sync text, p_links {schema}.sync_links[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_new sync_links[];
  v_holders text[];
BEGIN
  UPDATE sync_notes n SET record_key = l.record_key FROM sync_each(p_links) l WHERE n.sync = l.sync AND n.system = l.system AND n.native_id = l.native_id AND n.record_key IS DISTINCT FROM l.record_key;
  v_new := ARRAY(SELECT l FROM sync_each(p_links) l LEFT JOIN sync_links s ON s.sync = p_sync AND s.system = l.system AND s.native_id = l.native_id WHERE s.record_key IS DISTINCT FROM l.record_key);
  IF cardinality(v_new) = 0 THEN
    RETURN;
  END IF;
  -- Never paired: Reserve and Commit come here with others' ids only where they give way.
  v_holders := ARRAY(SELECT s.record_key FROM sync_each(v_new) l JOIN sync_links s ON s.sync = p_sync AND s.system = l.system AND s.native_id = l.native_id);
  IF cardinality(v_holders) > 0 THEN
    UPDATE sync_notes n SET record_key = l.record_key FROM sync_each(v_new) l JOIN sync_links s ON s.sync = p_sync AND s.system = l.system AND s.native_id = l.native_id WHERE n.sync = p_sync AND n.record_key = s.record_key;
    PERFORM sync_drop_rows(p_sync, v_holders);
  END IF;
  -- What they take the place of has no row any more whose changed_seq could say that a read of it is too old: its note says so. Its locks are
  -- ours: an item's are also those of the native ids that its row is linked to.
  INSERT INTO sync_notes AS n (sync, system, native_id, hint_seq, handled_seq, unlinked_seq, record_key)
    SELECT p_sync, s.system, s.native_id, 0, 0, nextval('sync_sequence'), NULL FROM sync_each(v_new) l JOIN sync_links s ON s.sync = p_sync AND s.record_key = l.record_key AND s.system = l.system ORDER BY s.system, s.native_id
    ON CONFLICT (sync, system, native_id) DO UPDATE SET unlinked_seq = excluded.unlinked_seq;
  INSERT INTO sync_links (sync, system, native_id, record_key) SELECT p_sync, l.system, l.native_id, l.record_key FROM sync_each(v_new) l
    ON CONFLICT (sync, record_key, system) DO UPDATE SET native_id = excluded.native_id;
END $$;

-- \`withdrawQuestion\` of ledger/steps/reserve.ts.
CREATE FUNCTION {schema}.sync_withdraw_questions(p_sync text, p_keys text[]) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  DELETE FROM sync_reviews WHERE sync = p_sync AND record_key = ANY (p_keys) AND kind = 'ambiguous' AND status = 'open'
$$;

-- The row that each of these native ids belongs to; null where none. Each by its key: see sync_notes_of.
CREATE FUNCTION {schema}.sync_holders(p_sync text, p_links jsonb) RETURNS TABLE (system text, native_id text, record_key text) LANGUAGE sql STABLE ROWS 2 AS $$
  SELECT h.system, h.native_id, (SELECT l.record_key FROM {schema}.sync_links l WHERE l.sync = p_sync AND l.system = h.system AND l.native_id = h.native_id) FROM {schema}.sync_hints_of(p_links) h
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
