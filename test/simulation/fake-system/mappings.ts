import { compileMapping, parseMapping, type CompiledMapping } from '../../../core/mapping';
import type { SystemName } from '../../../core/model';
import type { Quirks } from './quirks';

export function mappingOf(name: SystemName, quirks: Pick<Quirks, 'conditional' | 'stamps' | 'honours_keys' | 'unique_email'>, record_type = 'contact'): unknown {
  const person = name === 'b' ? 'person.' : '';
  return {
    system: name, record_type, record_key: { path: 'id' }, native_id_path: 'id', match_field: 'email', updated_at_path: 'updated_at',
    ...(quirks.stamps ? { stamp_path: 'custom.origin' } : {}),
    etag: quirks.conditional ? { from: 'path', path: 'etag' } : { from: 'none' },
    repeated_create: quirks.honours_keys ? 'idempotency_key' : quirks.unique_email ? 'unique_key' : 'may_duplicate',
    fields: [
      { name: 'email', path: `${person}email`, type: 'email' },
      { name: 'name', path: `${person}name`, type: 'text', clean_up: ['trim'] },
      { name: 'phone', path: `${person}phone`, type: 'phone', region: 'US', allow_clearing: true },
      { name: 'city', path: 'city', type: 'text' },
      { name: 'zip', path: 'zip', type: 'text' },
      { name: 'tags', path: 'tags', type: 'set' },
      { name: 'score', path: 'score', type: 'text', direction: name === 'a' ? 'in' : 'both' },
    ],
  };
}

const compiled = new Map<string, CompiledMapping>();

/** Compiled once: a simulation of many histories asks for few different ones. */
export function compiledMapping(name: SystemName, quirks: Quirks, record_type = 'contact'): CompiledMapping {
  const key = JSON.stringify([name, quirks, record_type]);
  const known = compiled.get(key) ?? compileMapping(parseMapping(mappingOf(name, quirks, record_type)));
  compiled.set(key, known);
  return known;
}
