/**
 * Locks and notes, which every step uses.
 *
 * Locks, always in this order, so that no two steps wait for each other in a ring:
 *  1. identities (native ids, record keys, match keys), as advisory locks of the transaction, by number;
 *  2. rows of records, by key;
 *  3. notes, by system and native id.
 * An identity may have no row to lock yet: a Reserve that makes the row of a new record and a Check that finds none (and would
 * call it unknown and gone) must not pass each other; neither must two creates with one match key. Start takes the locks of
 * its native ids too, so a note is either finished before Reserve and Commit test the notes, or it begins after they ended: then
 * its run reads after them, and finds their lease or their younger changed_seq. A row's native ids that are not named by an item
 * are locked as they were just before; should one be relinked in that moment, a finished Start is still seen, because these
 * functions are VOLATILE: each statement inside gets a snapshot taken after the locks were granted (one big statement would test
 * the notes of before).
 * Identities share 128 lock numbers per sync: a batch of 10,000 records would otherwise fill the server's lock table.
 */
export const notes = {
  number: 2,
  name: 'locks and notes',
  sql: `
CREATE FUNCTION {schema}.sync_iso(p_time timestamptz) RETURNS text LANGUAGE sql STABLE SET search_path = {schema}, pg_temp AS $$
  SELECT to_char(p_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- What a batch holds, one by one. ROWS 1, kept by STRICT, which is not taken apart: expecting more than one item, the planner thinks
-- that it is cheaper to go through a whole table for each, while a young ledger has no sizes yet.
CREATE FUNCTION {schema}.sync_each(p_items anyarray) RETURNS SETOF anyelement LANGUAGE sql STABLE STRICT ROWS 1 AS $$
  SELECT * FROM unnest(p_items)
$$;

CREATE FUNCTION {schema}.sync_lock_identities(p_sync text, p_identities text[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_bucket integer;
BEGIN
  FOR v_bucket IN SELECT DISTINCT hashtext(identity) & 127 FROM unnest(p_identities) AS identity WHERE identity IS NOT NULL ORDER BY 1 LOOP
    PERFORM pg_advisory_xact_lock(hashtext(current_schema() || '/' || p_sync), v_bucket);
  END LOOP;
END $$;

CREATE FUNCTION {schema}.sync_lock_records(p_sync text, p_keys text[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
BEGIN
  PERFORM 1 FROM sync_records WHERE sync = p_sync AND record_key = ANY (p_keys) ORDER BY record_key FOR UPDATE;
END $$;

-- The notes of these records' linked native ids, those handed over to them, and those of p_hints ([{ system, native_id }]).
CREATE FUNCTION {schema}.sync_lock_notes(p_sync text, p_keys text[], p_hints jsonb) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
BEGIN
  PERFORM 1 FROM (
      SELECT system, native_id FROM sync_links WHERE sync = p_sync AND record_key = ANY (p_keys)
      UNION SELECT system, native_id FROM sync_notes WHERE sync IS NOT DISTINCT FROM p_sync AND record_key = ANY (p_keys)
      UNION SELECT h->>'system', h->>'native_id' FROM jsonb_array_elements(p_hints) h
      ORDER BY 1, 2) AS h
    CROSS JOIN LATERAL (SELECT 1 FROM sync_notes n WHERE n.sync = p_sync AND n.system = h.system AND n.native_id = h.native_id LIMIT 1 FOR UPDATE) AS n;
END $$;

-- The number is drawn where the note is stored: drawn earlier, it could be older than one that was handled meanwhile.
CREATE FUNCTION {schema}.sync_note(p_sync text, p_system text, p_native_id text, p_record_key text) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  INSERT INTO sync_notes AS n (sync, system, native_id, hint_seq, handled_seq, record_key) VALUES (p_sync, p_system, p_native_id, nextval('sync_sequence'), 0, p_record_key)
  ON CONFLICT (sync, system, native_id) DO UPDATE SET hint_seq = nextval('sync_sequence'), record_key = coalesce(excluded.record_key, n.record_key)
$$;

-- Only a note that is not younger than the run's token: a younger one tells of something this run has not read.
-- A difference for >: said as in the index of unhandled notes, all of those would be gone through to find this one.
CREATE FUNCTION {schema}.sync_handle_note(p_sync text, p_system text, p_native_id text, p_read_token bigint) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  UPDATE sync_notes SET handled_seq = hint_seq
  WHERE sync = p_sync AND system = p_system AND native_id = p_native_id AND hint_seq <= p_read_token AND hint_seq - handled_seq > 0
$$;

-- ROWS: a row has two links at most. Expecting a thousand, the planner reads whole tables for every record of a batch.
-- No setting and not VOLATILE, so that it becomes part of the statement that asks; so does the next.
CREATE FUNCTION {schema}.sync_hints_of(p_links jsonb) RETURNS TABLE (system text, native_id text) LANGUAGE sql STABLE ROWS 2 AS $$
  SELECT key, value FROM jsonb_each_text(p_links) WHERE value IS NOT NULL ORDER BY key
$$;

-- Each note by its key (LIMIT 1 holds the planner to that; IS NOT DISTINCT FROM, which no index answers, to the index of records): in a
-- ledger that is being filled it knows no sizes yet, and would go through all notes for every record.
CREATE FUNCTION {schema}.sync_notes_of(p_sync text, p_record_key text, p_links jsonb) RETURNS SETOF {schema}.sync_notes LANGUAGE sql STABLE ROWS 3 AS $$
  SELECT n.* FROM {schema}.sync_links l CROSS JOIN LATERAL (SELECT * FROM {schema}.sync_notes o WHERE o.sync = p_sync AND o.system = l.system AND o.native_id = l.native_id LIMIT 1) AS n WHERE l.sync = p_sync AND l.record_key = p_record_key
  UNION SELECT n.* FROM {schema}.sync_hints_of(p_links) h CROSS JOIN LATERAL (SELECT * FROM {schema}.sync_notes o WHERE o.sync = p_sync AND o.system = h.system AND o.native_id = h.native_id LIMIT 1) AS n
  UNION SELECT n.* FROM {schema}.sync_notes n WHERE n.sync IS NOT DISTINCT FROM p_sync AND n.record_key = p_record_key
  ORDER BY system, native_id
$$;

CREATE FUNCTION {schema}.sync_count(p_run jsonb, p_outcomes text[]) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  UPDATE sync_runs SET counts = counts || (
    SELECT coalesce(jsonb_object_agg(outcome, coalesce((counts->>outcome)::bigint, 0) + n), '{}')
    FROM (SELECT outcome, count(*) AS n FROM unnest(p_outcomes) AS outcome GROUP BY outcome) AS added)
  WHERE run_id = p_run->>'run_id'
$$;
`,
} as const;
