export const decide = {
  number: 9,
  name: 'decide',
  sql: `
CREATE FUNCTION {schema}.sync_decide(p_request jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_request->>'sync';
  v_review sync_reviews;
  v_links jsonb;
  v_read jsonb;
  v_hint record;
BEGIN
  SELECT * INTO v_review FROM sync_reviews WHERE sync = v_sync AND id = p_request->>'review_id';
  IF NOT FOUND THEN
    RETURN jsonb_build_object('kind', 'Gone');
  END IF;
  -- In the order of the other steps, then read again: a Commit may have replaced the question while we waited for the row.
  v_links := sync_links_of(v_sync, v_review.record_key);
  PERFORM sync_lock_identities(v_sync, ARRAY(SELECT 'n/' || h.system || '/' || h.native_id FROM sync_hints_of(jsonb_build_object(v_review.source_system, v_review.source_native_id) || v_links) h));
  PERFORM sync_lock_records(v_sync, ARRAY[v_review.record_key]);
  SELECT * INTO v_review FROM sync_reviews WHERE sync = v_sync AND id = p_request->>'review_id' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('kind', 'Gone');
  ELSIF v_review."values" <> p_request->>'shown' THEN
    RETURN jsonb_build_object('kind', 'Changed', 'review', sync_review(v_review));
  ELSIF NOT p_request->'answers' ? v_review.kind THEN
    RETURN jsonb_build_object('kind', 'Refused', 'review', sync_review(v_review));
  END IF;
  UPDATE sync_reviews SET status = 'decided', decision = p_request->>'decision', decided_at = coalesce(p_now, clock_timestamp()) WHERE id = v_review.id RETURNING * INTO v_review;
  -- Both linked records; a question about an ambiguous match has none yet, only the record it was asked for.
  v_links := jsonb_build_object(v_review.source_system, v_review.source_native_id) || sync_links_of(v_sync, v_review.record_key);
  SELECT coalesce(jsonb_agg(jsonb_build_object('system', h.system, 'native_id', h.native_id)), '[]') INTO v_read FROM sync_hints_of(v_links) h;
  PERFORM sync_lock_notes(v_sync, '{}', v_read);
  FOR v_hint IN SELECT h.system, h.native_id FROM sync_hints_of(v_links) h LOOP
    PERFORM sync_note(v_sync, v_hint.system, v_hint.native_id, v_review.record_key);
  END LOOP;
  RETURN jsonb_build_object('kind', 'Decided', 'review', sync_review(v_review), 'read', v_read);
END $$;
`,
} as const;
