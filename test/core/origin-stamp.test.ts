import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../core/json/fingerprint';
import { formatStamp, parseStamp } from '../../core/origin-stamp';

const value_hash = fingerprint({ phone: '+4930123456' });

describe('origin stamps', () => {
  it('say sync, record, write and value in one short line', () => {
    const stamp = formatStamp({ sync: 'contacts', record_key: 'contact_4829', fencing_token: 17, value_hash });
    expect(stamp).toBe(`n8n-sync|contacts|contact_4829|17|${value_hash.slice(3, 19)}`);
    expect(parseStamp(stamp)).toEqual({ sync: 'contacts', record_key: 'contact_4829', fencing_token: 17, value_hash: value_hash.slice(3, 19) });
  });

  it('V8 survive every name', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), fc.nat(), (sync, record_key, fencing_token) => {
      expect(parseStamp(formatStamp({ sync, record_key, fencing_token, value_hash }))).toMatchObject({ sync, record_key, fencing_token });
    }));
  });

  it.each([null, '', 'call back on Monday', 'n8n-sync', 'n8n-sync|a|b|c|d', 'n8n-sync|a|b|1|xyz', `n8n-sync|%|b|1|${'0'.repeat(16)}`, `other|a|b|1|${'0'.repeat(16)}`, `n8n-sync|a|b|-1|${'0'.repeat(16)}`])('%s is not ours', (text) => {
    expect(parseStamp(text)).toBeNull();
  });

  it('are never mistaken for ours, whatever stands in the field', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => { expect(parseStamp(`x${text}`)).toBeNull(); }));
  });
});
