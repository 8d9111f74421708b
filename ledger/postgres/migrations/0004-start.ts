export const start = {
  number: 4,
  name: 'start',
  sql: `
-- Every hint that was not noted before, in one statement: in key order, each once.
CREATE FUNCTION {schema}.sync_note_all(p_sync text, p_hints jsonb) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  INSERT INTO sync_notes AS n (sync, system, native_id, hint_seq, handled_seq, record_key)
  SELECT p_sync, h.system, h.native_id, nextval('sync_sequence'), 0, NULL
  FROM (SELECT DISTINCT e.system, e.native_id FROM jsonb_to_recordset(p_hints) AS e(system text, native_id text, noted_before boolean) WHERE e.noted_before IS NOT TRUE ORDER BY 1, 2) AS h
  ON CONFLICT (sync, system, native_id) DO UPDATE SET hint_seq = excluded.hint_seq
$$;

CREATE FUNCTION {schema}.sync_start(p_request jsonb, p_now timestamptz) RETURNS json LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_request->>'sync';
  v_source text := p_request->>'source';
  v_dry boolean := (p_request->>'dry_run')::boolean;
  v_type text := p_request->>'record_type';
  v_first text := least(p_request->>'source' COLLATE "C", p_request->>'target' COLLATE "C");
  v_second text := greatest(p_request->>'source' COLLATE "C", p_request->>'target' COLLATE "C");
  v_known sync_syncs;
  v_run text := gen_random_uuid()::text;
  v_token bigint;
BEGIN
  SELECT * INTO v_known FROM sync_syncs WHERE sync = v_sync;
  IF NOT FOUND AND NOT v_dry THEN
    INSERT INTO sync_syncs (sync, first_system, second_system, record_type, created_at) VALUES (v_sync, v_first, v_second, v_type, coalesce(p_now, clock_timestamp())) ON CONFLICT DO NOTHING;
    SELECT * INTO v_known FROM sync_syncs WHERE sync = v_sync;
  END IF;
  IF v_known.sync IS NULL THEN
    SELECT * INTO v_known FROM sync_syncs WHERE first_system = v_first AND second_system = v_second AND record_type = v_type;
  END IF;
  IF v_known.sync IS NOT NULL AND (v_known.sync, v_known.first_system, v_known.second_system, v_known.record_type) IS DISTINCT FROM (v_sync, v_first, v_second, v_type) THEN
    RETURN json_build_object('conflict', v_known);
  END IF;

  IF v_dry THEN
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO v_token FROM sync_sequence;
  ELSE
    PERFORM sync_lock_identities(v_sync, ARRAY(SELECT 'n/' || (h->>'system') || '/' || (h->>'native_id') FROM jsonb_array_elements(p_request->'hints') h));
    PERFORM sync_note_all(v_sync, p_request->'hints');
    -- After the notes: a read that begins now is younger than every hint it answers.
    v_token := nextval('sync_sequence');
    INSERT INTO sync_runs (run_id, sync, read_token, direction, attempt, cause, execution_id, started_at, counts)
      VALUES (v_run, v_sync, v_token, (p_request->>'source') || '-to-' || (p_request->>'target'), (p_request->>'attempt')::integer, p_request->>'cause', p_request->>'execution_id', coalesce(p_now, clock_timestamp()), '{}');
  END IF;
  RETURN json_build_object('run_id', v_run, 'read_token', v_token, 'noted', (SELECT coalesce(json_agg(n.hint ORDER BY n.place), '[]') FROM (
    SELECT h.place, json_build_object('system', h.system, 'native_id', h.native_id, 'record_key', l.record_key, 'source_id', CASE WHEN h.system = v_source THEN h.native_id
      ELSE (SELECT o.native_id FROM sync_links o WHERE o.sync = v_sync AND o.record_key = l.record_key AND o.system = v_source) END) AS hint
    -- In the order of the index: neighbours lie on one page.
    FROM (SELECT e.system, e.native_id, min(e.ordinality) AS place FROM ROWS FROM (jsonb_to_recordset(p_request->'hints') AS (system text, native_id text)) WITH ORDINALITY AS e
      GROUP BY e.system, e.native_id ORDER BY e.system, e.native_id) AS h
    LEFT JOIN sync_links l ON l.sync = v_sync AND l.system = h.system AND l.native_id = h.native_id) AS n));
END $$;
`,
} as const;
