export const finish = {
  number: 8,
  name: 'finish',
  sql: `
CREATE FUNCTION {schema}.sync_finish(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_hints jsonb := (SELECT coalesce(jsonb_agg(h), '[]') FROM jsonb_array_elements(p_items) e, jsonb_array_elements(e->'hints') h);
  v_item jsonb;
  v_hint jsonb;
  v_outcomes text[] := '{}';
BEGIN
  IF (p_run->>'dry_run')::boolean THEN
    RETURN;
  END IF;
  PERFORM sync_lock_identities(v_sync, ARRAY(
    SELECT 'n/' || (h->>'system') || '/' || (h->>'native_id') FROM jsonb_array_elements(v_hints) h
    UNION ALL SELECT 'n/' || (i->>'system') || '/' || coalesce(i->>'native_id', '') FROM jsonb_array_elements(p_items) e, jsonb_array_elements(e->'issues') i));
  PERFORM sync_lock_notes(v_sync, '{}', v_hints);
  FOR v_item IN SELECT e.value FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(value, place) ORDER BY e.place LOOP
    FOR v_hint IN SELECT h FROM jsonb_array_elements(v_item->'hints') h LOOP
      PERFORM sync_handle_note(v_sync, v_hint->>'system', v_hint->>'native_id', (p_run->>'read_token')::bigint);
    END LOOP;
    PERFORM sync_open_issues(p_run, v_item->'issues', coalesce(p_now, clock_timestamp()));
    -- Check has counted these records as changed; what came of them is another word.
    v_outcomes := v_outcomes || CASE v_item->>'outcome' WHEN 'unchanged' THEN 'nothing_to_do' ELSE v_item->>'outcome' END
      || array_fill('issue'::text, ARRAY[jsonb_array_length(v_item->'issues')]);
  END LOOP;
  PERFORM sync_count(p_run, v_outcomes);
END $$;
`,
} as const;
