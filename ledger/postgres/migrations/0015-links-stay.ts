/** A link that is stored already is not written again: Reserve and Commit come with the links of each record, and hardly ever with new ones. */
export const linksStay = {
  number: 15,
  name: 'links stay',
  sql: `
CREATE OR REPLACE FUNCTION {schema}.sync_save_link(p_sync text, p_system text, p_native_id text, p_record_key text) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = {schema}, pg_temp AS $$
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
`,
} as const;
