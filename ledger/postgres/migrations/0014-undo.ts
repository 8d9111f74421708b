/** The decisions that put back what a run wrote (`core/policies/undo.ts`), for all its records at once. */
export const undo = {
  number: 14,
  name: 'undo',
  sql: `
CREATE FUNCTION {schema}.sync_undo(p_scope jsonb, p_drafts jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_scope->>'sync';
  v_keys text[] := ARRAY(SELECT e->>'record_key' FROM jsonb_array_elements(p_drafts) e);
  v_read jsonb;
  v_asked text[];
BEGIN
  -- In the order of the other steps: a Commit that is under way may bring such a question or end it.
  PERFORM sync_lock_identities(v_sync, ARRAY(SELECT 'n/' || l.system || '/' || l.native_id FROM sync_links l WHERE l.sync = v_sync AND l.record_key = ANY (v_keys)));
  PERFORM sync_lock_records(v_sync, v_keys);
  WITH asked AS (
    INSERT INTO sync_reviews (id, seq, sync, record_key, kind, subject, fields, reason, "values", base, status, decision, source_system, source_native_id, opened_at, decided_at)
    SELECT gen_random_uuid()::text, nextval('sync_sequence'), v_sync, d.record_key, d.draft->>'kind', d.draft->>'subject', d.draft->>'fields', d.draft->>'reason', d.draft->>'values', d.draft->>'base', 'decided', d.draft->>'decision',
      p_scope->>'source', (SELECT l.native_id FROM sync_links l WHERE l.sync = v_sync AND l.record_key = d.record_key AND l.system = p_scope->>'source'), coalesce(p_now, clock_timestamp()), coalesce(p_now, clock_timestamp())
    FROM (SELECT r.record_key, e.value AS draft FROM jsonb_array_elements(p_drafts) WITH ORDINALITY AS e(value, place)
      JOIN sync_records r ON r.sync = v_sync AND r.record_key = e.value->>'record_key' ORDER BY e.place) AS d
    ON CONFLICT (sync, record_key, subject) DO NOTHING RETURNING record_key)
  SELECT coalesce(array_agg(record_key), '{}') INTO v_asked FROM asked;
  SELECT coalesce(jsonb_agg(jsonb_build_object('system', l.system, 'native_id', l.native_id)), '[]') INTO v_read FROM sync_links l WHERE l.sync = v_sync AND l.record_key = ANY (v_asked);
  PERFORM sync_lock_notes(v_sync, '{}', v_read);
  PERFORM sync_note(v_sync, l.system, l.native_id, l.record_key) FROM sync_links l WHERE l.sync = v_sync AND l.record_key = ANY (v_asked);
  RETURN QUERY SELECT jsonb_build_object('record_key', e.value->>'record_key', 'asked', e.value->>'record_key' = ANY (v_asked), 'read', CASE WHEN e.value->>'record_key' = ANY (v_asked) THEN
      (SELECT coalesce(jsonb_agg(jsonb_build_object('system', l.system, 'native_id', l.native_id) ORDER BY l.system COLLATE "C"), '[]') FROM sync_links l WHERE l.sync = v_sync AND l.record_key = e.value->>'record_key') ELSE '[]' END)
    FROM jsonb_array_elements(p_drafts) WITH ORDINALITY AS e(value, place) ORDER BY e.place;
END $$;
`,
} as const;
