/** Step for step what `ledger/steps/commit.ts` does; which lease is good is said by `decideHold` in `core/stages/ledger-reserve.ts`. */
export const commit = {
  number: 7,
  name: 'commit',
  sql: `
CREATE FUNCTION {schema}.sync_moved_snapshots(p_sync text, p_item jsonb) RETURNS TABLE (system text, snapshot jsonb) LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT e.key, nullif(e.value, 'null') FROM jsonb_each(p_item->'snapshots') e
    LEFT JOIN sync_snapshots s ON s.sync = p_sync AND s.record_key = p_item->>'record_key' AND s.system = e.key
  WHERE CASE WHEN e.value = 'null' THEN s.sync IS NOT NULL
    ELSE s.sync IS NULL OR (s.presence, s.record, s.fingerprint, s.mapping_fingerprint)
      IS DISTINCT FROM (e.value->>'presence', e.value->>'record', e.value->>'fingerprint', e.value->>'mapping_fingerprint') END
$$;

-- The same question about the same values stays as it is, a decision on it included, unless this very commit closes it.
CREATE FUNCTION {schema}.sync_new_questions(p_sync text, p_item jsonb) RETURNS TABLE (place bigint, draft jsonb) LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT e.place, e.value FROM jsonb_array_elements(p_item->'open_reviews') WITH ORDINALITY AS e(value, place)
  WHERE NOT EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = p_sync AND v.record_key = p_item->>'record_key' AND v.subject = e.value->>'subject' AND v."values" = e.value->>'values'
    AND NOT p_item->'close_reviews' ? v.id)
  ORDER BY e.place
$$;

-- Law 10: a run that finds what it left behind leaves the ledger as it is.
CREATE FUNCTION {schema}.sync_moves_anything(p_run jsonb, p_item jsonb) RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_key text := p_item->>'record_key';
  v_tuple jsonb := p_item->'journal'->-1;
  v_latest sync_ledger;
BEGIN
  IF EXISTS (SELECT 1 FROM sync_holders(v_sync, p_item->'links') h WHERE h.record_key IS DISTINCT FROM v_key)
      OR EXISTS (SELECT 1 FROM sync_moved_snapshots(v_sync, p_item))
      OR EXISTS (SELECT 1 FROM sync_new_questions(v_sync, p_item))
      OR EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = v_key AND p_item->'close_reviews' ? v.id)
      OR EXISTS (SELECT 1 FROM sync_records r WHERE r.sync = v_sync AND r.record_key = v_key AND r.lease_run IS NOT NULL)
      OR EXISTS (SELECT 1 FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = v_key AND (NOT i.superseded OR p_item->'used_intents' ? (i.fencing_token || ':' || i.system))) THEN
    RETURN true;
  END IF;
  IF v_tuple IS NULL THEN
    RETURN false;
  END IF;
  SELECT * INTO v_latest FROM sync_ledger j WHERE j.record_key = v_key
    AND j.direction IN ((p_run->>'source') || '-to-' || (p_run->>'target'), (p_run->>'target') || '-to-' || (p_run->>'source')) ORDER BY j.seq DESC LIMIT 1;
  RETURN v_latest.direction IS DISTINCT FROM v_tuple->>'direction' OR v_latest.field_hash IS DISTINCT FROM v_tuple->>'field_hash';
END $$;

CREATE FUNCTION {schema}.sync_remember(p_run jsonb, p_key text, p_tuple jsonb, p_overrides text, p_closed text, p_effect text, p_seq bigint, p_now timestamptz) RETURNS void LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  INSERT INTO sync_history (sync, record_key, seq, direction, field_hash, fields, at, run_id, cause, change_set, overrides, closed_reviews, effect)
  VALUES (p_run->>'sync', p_key, p_seq, p_tuple->>'direction', p_tuple->>'field_hash', p_tuple->>'fields', p_now, p_run->>'run_id', p_tuple->>'cause', p_tuple->>'change_set', p_overrides, p_closed, p_effect)
$$;

-- What lost, what a person decided and what an undo needs stand with the first tuple; without a tuple they get a line of their own.
CREATE FUNCTION {schema}.sync_write_journal(p_run jsonb, p_item jsonb, p_closed text, p_now timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_key text := p_item->>'record_key';
  v_tuple jsonb;
  v_place bigint;
  v_seq bigint;
  v_execution text := (SELECT execution_id FROM sync_runs WHERE run_id = p_run->>'run_id');
BEGIN
  FOR v_tuple, v_place IN SELECT e.value, e.place FROM jsonb_array_elements(p_item->'journal') WITH ORDINALITY AS e(value, place) ORDER BY e.place LOOP
    v_seq := nextval('sync_sequence');
    -- The published primary key stays; a repeated tuple moves to the top, so that "already synced" means the latest value.
    INSERT INTO sync_ledger (record_key, source_system, target_system, field_hash, direction, synced_at, seq, change_set, idempotency_key, execution_id, cause)
    VALUES (v_key, v_tuple->>'source_system', v_tuple->>'target_system', v_tuple->>'field_hash', v_tuple->>'direction', p_now, v_seq, v_tuple->>'change_set', v_tuple->>'idempotency_key', v_execution, v_tuple->>'cause')
    ON CONFLICT (record_key, direction, field_hash) DO UPDATE SET synced_at = excluded.synced_at, seq = excluded.seq, change_set = excluded.change_set,
      idempotency_key = excluded.idempotency_key, execution_id = excluded.execution_id, cause = excluded.cause;
    PERFORM sync_remember(p_run, v_key, v_tuple, CASE WHEN v_place = 1 THEN p_item->>'overrides' ELSE '[]' END, CASE WHEN v_place = 1 THEN p_closed ELSE '[]' END, CASE WHEN v_place = 1 THEN p_item->>'effect' END, v_seq, p_now);
  END LOOP;
  IF jsonb_array_length(p_item->'journal') = 0 AND (p_item->>'overrides' <> '[]' OR p_closed <> '[]') THEN
    PERFORM sync_remember(p_run, v_key, jsonb_build_object('direction', (p_run->>'source') || '-to-' || (p_run->>'target'), 'field_hash', '', 'fields', '[]', 'cause', p_item->>'reason', 'change_set', '{}'),
      p_item->>'overrides', p_closed, p_item->>'effect', nextval('sync_sequence'), p_now);
  END IF;
  DELETE FROM sync_history WHERE sync = p_run->>'sync' AND record_key = v_key
    AND seq <= (SELECT seq FROM sync_history WHERE sync = p_run->>'sync' AND record_key = v_key ORDER BY seq DESC OFFSET 200 LIMIT 1);
END $$;

-- Stores all that a commit brings, and returns the questions it opened. p_token null: a plan without writes.
CREATE FUNCTION {schema}.sync_store(p_run jsonb, p_item jsonb, p_token bigint, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_key text := p_item->>'record_key';
  v_hint record;
  v_moved record;
  v_questions jsonb;
  v_draft jsonb;
  v_closed text;
  v_links jsonb;
  v_subjects text[] := '{}';
  v_snapshots_moved boolean := EXISTS (SELECT 1 FROM sync_moved_snapshots(v_sync, p_item));
  v_advances boolean;
BEGIN
  -- An outcome that is unknown leaves its key as it is: the same write, tried again, must be the same to the provider.
  v_advances := p_token IS NULL OR p_item->'keep_intents' = '[]' OR v_snapshots_moved OR jsonb_array_length(p_item->'journal') > 0;
  v_links := sync_links_of(v_sync, v_key);
  -- What has gone through by now is no issue any more, unless this very commit says it again.
  DELETE FROM sync_issues i WHERE i.sync = v_sync AND i.code IN ('rejected_record', 'rejected_write')
    AND (i.system, i.native_id) IN (SELECT h.system, h.native_id FROM sync_hints_of(v_links) h UNION SELECT h.system, h.native_id FROM sync_hints_of(p_item->'links') h)
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(p_item->'issues') d WHERE d->>'system' = i.system AND d->>'native_id' = i.native_id AND d->>'code' = i.code);
  PERFORM sync_save_links(v_sync, ARRAY(SELECT ROW(v_sync, h.system, h.native_id, v_key)::sync_links FROM sync_hints_of(p_item->'links') h));
  v_links := sync_links_of(v_sync, v_key);
  FOR v_moved IN SELECT m.system, m.snapshot FROM sync_moved_snapshots(v_sync, p_item) m LOOP
    DELETE FROM sync_snapshots WHERE sync = v_sync AND record_key = v_key AND system = v_moved.system;
    IF v_moved.snapshot IS NOT NULL THEN
      INSERT INTO sync_snapshots (sync, record_key, system, native_id, presence, record, fingerprint, mapping_fingerprint, observed_at)
      VALUES (v_sync, v_key, v_moved.system, v_links->>v_moved.system, v_moved.snapshot->>'presence', v_moved.snapshot->>'record', v_moved.snapshot->>'fingerprint', v_moved.snapshot->>'mapping_fingerprint', p_now);
    END IF;
  END LOOP;
  -- Consumed one by one: those that landed, and this run's own. A plan without writes leaves the others as superseded.
  DELETE FROM sync_intents i WHERE i.sync = v_sync AND i.record_key = v_key
    AND (p_item->'used_intents' ? (i.fencing_token || ':' || i.system) OR (i.fencing_token = p_token AND NOT i.superseded AND NOT p_item->'keep_intents' ? i.system));
  IF p_token IS NULL THEN
    UPDATE sync_intents SET superseded = true WHERE sync = v_sync AND record_key = v_key AND NOT superseded;
  END IF;

  SELECT coalesce(json_agg(json_build_object('id', v.id, 'kind', v.kind, 'subject', v.subject, 'fields', v.fields::json, 'reason', v.reason, 'values', v."values"::json, 'base', v.base::json,
      'status', v.status, 'decision', v.decision::json) ORDER BY v.seq)::text, '[]') INTO v_closed
    FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = v_key AND p_item->'close_reviews' ? v.id;
  -- Asked for before the closed ones go: a closed question about the same values is not asked again by the same plan.
  v_questions := (SELECT coalesce(jsonb_agg(q.draft ORDER BY q.place), '[]') FROM sync_new_questions(v_sync, p_item) q);
  DELETE FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = v_key AND p_item->'close_reviews' ? v.id;
  FOR v_draft IN SELECT e.value FROM jsonb_array_elements(v_questions) WITH ORDINALITY AS e(value, place) ORDER BY e.place LOOP
    v_subjects := v_subjects || (v_draft->>'subject');
    -- One item per record and subject: other values replace the question and drop a decision made on the old ones.
    INSERT INTO sync_reviews (id, seq, sync, record_key, kind, subject, fields, reason, "values", base, status, decision, source_system, source_native_id, opened_at)
    VALUES (gen_random_uuid()::text, nextval('sync_sequence'), v_sync, v_key, v_draft->>'kind', v_draft->>'subject', v_draft->>'fields', v_draft->>'reason', v_draft->>'values', v_draft->>'base', 'open', NULL,
      p_run->>'source', p_item->'links'->>(p_run->>'source'), p_now)
    ON CONFLICT (sync, record_key, subject) DO UPDATE SET kind = excluded.kind, fields = excluded.fields, reason = excluded.reason, "values" = excluded."values",
      base = excluded.base, status = 'open', decision = NULL, decided_at = NULL, source_system = excluded.source_system, source_native_id = excluded.source_native_id;
  END LOOP;
  PERFORM sync_write_journal(p_run, p_item, v_closed, p_now);
  PERFORM sync_open_issues(p_run, p_item->'issues', p_now);

  UPDATE sync_records SET version = version + 1, committed_version = committed_version + CASE WHEN v_advances THEN 1 ELSE 0 END, changed_seq = nextval('sync_sequence'),
      committed_token = coalesce(p_token, committed_token), lease_run = NULL, lease_expires_at = NULL,
      tombstone_at = CASE WHEN EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = v_sync AND s.record_key = v_key)
        AND NOT EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = v_sync AND s.record_key = v_key AND s.presence <> 'gone') THEN coalesce(tombstone_at, p_now) END
    WHERE sync = v_sync AND record_key = v_key;
  RETURN (SELECT coalesce(jsonb_agg(sync_review(v) ORDER BY v.seq), '[]') FROM sync_reviews v WHERE v.sync = v_sync AND v.record_key = v_key AND v.subject = ANY (v_subjects));
END $$;

-- A Recheck belongs to the row: it reads both linked records and whatever the notes name, not only its own source.
CREATE FUNCTION {schema}.sync_recheck(p_run jsonb, p_item jsonb, p_reason text, p_claimed_by text) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT jsonb_build_object('kind', 'Recheck', 'record_key', p_item->>'record_key', 'reason', p_reason, 'claimed_by', p_claimed_by,
    'read', sync_read_of(p_run->>'sync', p_item->>'record_key', p_item->'links'))
$$;

-- Notes are cleared only where the run ends: a Commit that sends its run back leaves all of them standing.
CREATE FUNCTION {schema}.sync_end(p_run jsonb, p_item jsonb, p_version bigint, p_opened jsonb, p_claimed_by text) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_key text := p_item->>'record_key';
  v_token bigint := (p_run->>'read_token')::bigint;
  v_links jsonb := (p_item->'links') || sync_links_of(v_sync, v_key);
  v_system text;
  v_note record;
BEGIN
  FOR v_system IN SELECT s FROM jsonb_array_elements_text(p_item->'note_hints') s LOOP
    IF v_links->>v_system IS NOT NULL THEN
      PERFORM sync_note(v_sync, v_system, v_links->>v_system, v_key);
    END IF;
  END LOOP;
  IF p_claimed_by IS NOT NULL THEN
    RETURN sync_recheck(p_run, p_item, 'link_claimed', p_claimed_by);
  ELSIF p_item->>'recheck' IS NOT NULL THEN
    RETURN sync_recheck(p_run, p_item, p_item->>'recheck', NULL);
  ELSIF p_item->'note_hints' <> '[]' THEN
    RETURN sync_recheck(p_run, p_item, 'refused', NULL);
  ELSIF EXISTS (SELECT 1 FROM sync_notes_of(v_sync, v_key, p_item->'links') n WHERE n.hint_seq > n.handled_seq AND n.hint_seq > v_token) THEN
    RETURN sync_recheck(p_run, p_item, 'newer_hints', NULL);
  END IF;
  FOR v_note IN SELECT n.system, n.native_id FROM sync_notes_of(v_sync, v_key, p_item->'links') n LOOP
    PERFORM sync_handle_note(v_sync, v_note.system, v_note.native_id, v_token);
  END LOOP;
  RETURN jsonb_build_object('kind', 'Committed', 'record_key', v_key, 'version', p_version, 'opened_reviews', p_opened);
END $$;

-- Seen by a commit, or by a run whose record in the place of the deleted one was refused: its question shows nothing there.
CREATE FUNCTION {schema}.sync_knows_gone(p_sync text, p_key text, p_system text) RETURNS boolean LANGUAGE sql VOLATILE SET search_path = {schema}, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM sync_snapshots s WHERE s.sync = p_sync AND s.record_key = p_key AND s.system = p_system AND s.presence = 'gone')
    OR EXISTS (SELECT 1 FROM sync_reviews v WHERE v.sync = p_sync AND v.record_key = p_key AND v.subject = 'rejected:' || p_system AND v.status = 'open' AND coalesce(v."values"::jsonb->p_system, '{}') = '{}')
$$;

CREATE FUNCTION {schema}.sync_commit_one(p_run jsonb, p_item jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_sync text := p_run->>'sync';
  v_key text := p_item->>'record_key';
  v_token bigint := (p_item->>'fencing_token')::bigint;
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_row sync_records;
  v_objection record;
  v_foreign text[];
  v_open text[];
  v_claimed_by text;
  v_item jsonb := p_item;
  v_hint record;
BEGIN
  IF v_dry AND v_token IS NOT NULL THEN
    RETURN jsonb_build_object('kind', 'Committed', 'record_key', v_key, 'version', p_item->'version', 'opened_reviews', '[]'::jsonb);
  END IF;
  IF v_token IS NULL THEN
    -- Nobody holds the record, so the plan goes through the tests of Reserve now.
    SELECT o.reason, o.claimed_by INTO v_objection FROM sync_judge(p_run, sync_plan(jsonb_build_array(p_item)), p_now) o;
    IF v_objection.reason IS NOT NULL THEN
      RETURN sync_recheck(p_run, p_item, v_objection.reason, v_objection.claimed_by);
    END IF;
    IF v_dry THEN
      RETURN jsonb_build_object('kind', 'Committed', 'record_key', v_key, 'version', p_item->'version', 'opened_reviews', '[]'::jsonb);
    END IF;
    IF NOT sync_moves_anything(p_run, p_item) THEN
      PERFORM sync_open_issues(p_run, p_item->'issues', p_now);
      RETURN sync_end(p_run, p_item, (p_item->>'version')::bigint, '[]', NULL);
    END IF;
    INSERT INTO sync_records (sync, record_key, version, committed_version, changed_seq, fencing_token, committed_token) VALUES (v_sync, v_key, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
    RETURN sync_end(p_run, p_item, (p_item->>'version')::bigint + 1, sync_store(p_run, p_item, NULL, p_now), NULL);
  END IF;

  SELECT * INTO v_row FROM sync_records WHERE sync = v_sync AND record_key = v_key;
  IF v_row.lease_run IS NOT NULL AND v_row.fencing_token = v_token THEN
    -- A record created by this very run may have been linked to another row meanwhile. The rest is stored; that write stays
    -- open, so that the row does not create again. Where that row knows the record to be gone by now, a provider has answered an old
    -- key with what became of it: that create is over, and the run looks again.
    SELECT array_agg(h.system), min(h.record_key) FILTER (WHERE NOT h.over), array_agg(h.system) FILTER (WHERE NOT h.over) INTO v_foreign, v_claimed_by, v_open
      FROM (SELECT f.system, f.record_key, sync_knows_gone(v_sync, f.record_key, f.system) AS over
        FROM sync_holders(v_sync, p_item->'links') f WHERE f.record_key <> v_key AND NOT sync_gives_way(v_sync, f.record_key, v_key, p_now)) h;
    IF v_foreign IS NOT NULL THEN
      v_item := p_item || jsonb_build_object('links', (p_item->'links') - v_foreign, 'snapshots', (p_item->'snapshots') - v_foreign, 'keep_intents', (p_item->'keep_intents') || to_jsonb(coalesce(v_open, '{}')),
        'recheck', coalesce(p_item->>'recheck', CASE WHEN cardinality(v_foreign) > coalesce(cardinality(v_open), 0) THEN 'look_again' END));
    END IF;
    RETURN sync_end(p_run, v_item, v_row.version + 1, sync_store(p_run, v_item, v_token, p_now), v_claimed_by);
  ELSIF v_row.committed_token = v_token THEN
    -- This very hold has been committed already (a node run again with old items): nothing is stored twice.
    RETURN sync_end(p_run, p_item || '{"note_hints": []}', v_row.version, '[]', NULL);
  END IF;

  -- Taken over: what this run wrote is for the new holder to see, and so is a record it created.
  FOR v_hint IN SELECT DISTINCT s AS system, id AS native_id FROM jsonb_array_elements_text(p_item->'written') s,
      LATERAL (VALUES (sync_links_of(v_sync, v_key)->>s), (p_item->'links'->>s)) AS ids(id) WHERE id IS NOT NULL ORDER BY 1, 2 LOOP
    PERFORM sync_note(v_sync, v_hint.system, v_hint.native_id, v_row.record_key);
  END LOOP;
  RETURN sync_recheck(p_run, p_item, 'stale', NULL);
END $$;

CREATE FUNCTION {schema}.sync_commit(p_run jsonb, p_items jsonb, p_now timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
DECLARE
  v_dry boolean := (p_run->>'dry_run')::boolean;
  v_now timestamptz;
  v_item jsonb;
  v_verdict jsonb;
  v_outcomes text[] := '{}';
BEGIN
  IF NOT v_dry THEN
    PERFORM sync_lock_plan(p_run->>'sync', sync_plan(p_items));
  END IF;
  v_now := coalesce(p_now, clock_timestamp());
  FOR v_item IN SELECT e.value FROM jsonb_array_elements(p_items) WITH ORDINALITY AS e(value, place) ORDER BY e.place LOOP
    v_verdict := sync_commit_one(p_run, v_item, v_now);
    v_outcomes := v_outcomes || lower(v_verdict->>'kind') || array_fill('write'::text, ARRAY[jsonb_array_length(v_item->'written')])
      || array_fill('issue'::text, ARRAY[jsonb_array_length(v_item->'issues')]) || array_fill('review'::text, ARRAY[jsonb_array_length(coalesce(v_verdict->'opened_reviews', '[]'))]);
    RETURN NEXT v_verdict;
  END LOOP;
  IF NOT v_dry THEN
    PERFORM sync_count(p_run, v_outcomes);
  END IF;
END $$;
`,
} as const;
