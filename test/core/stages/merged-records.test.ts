import { describe, expect, it } from 'vitest';
import { readResponse } from '../../../core/stages/read-response';
import { compiledCrm, rawContact } from '../../support/mappings';
import { diff, gone, planOf, present, route, row, snapshot, writes } from '../../support/decisions';

const OLD = { name: 'Ann', phone: '+1' };
const known = row(snapshot(OLD), snapshot(OLD));
/** Asked for a1, and another record came. */
const winner = present('a', { name: 'Zoe', phone: '+9' }, { native_id: 'a2', record_key: 'contact_2', merged_id: 'a1' });

describe('a record that was merged into another', () => {
  it('I4 is known by the id that it was asked for by', () => {
    const read = (native_id: string) => readResponse(compiledCrm(), { statusCode: 200, headers: {}, body: rawContact }, { native_id, match_key: null }, { list_path: '' });
    expect(read('4711')).toMatchObject({ kind: 'Valid', observation: { native_id: '4829', merged_id: '4711' } });
    expect(read('4829')).not.toHaveProperty('observation.merged_id');
  });

  it.each(['source', 'target'] as const)('I4 as the %s is a question that says so, and nothing is written into the record that won', (side) => {
    const run = side === 'source' ? {} : { run: { sync: 'test', record_type: 'contact', source: 'b', target: 'a', run_id: 'run-1', read_token: 10, dry_run: false, attempt: 0 } };
    const verdict = route({ a: winner, b: present('b', { ...OLD, phone: '+2' }), row: known, ...run });
    expect(verdict).toMatchObject({ kind: 'Review', plan: { links: { a: 'a1', b: 'b1' }, open_reviews: [{ kind: 'ambiguous', subject: '*' }] } });
    expect(planOf(verdict).open_reviews[0]?.reason).toContain('a1 of a was merged into a2');
    expect(writes(verdict)).toEqual([]);
  });

  it('I4 is at its end when its partner is deleted or merged too: both are remembered as gone', () => {
    for (const b of [gone('b'), present('b', OLD, { native_id: 'b2', merged_id: 'b1' })]) {
      const verdict = route({ a: winner, b, row: known });
      expect(verdict?.kind).toBe('Converged');
      expect(planOf(verdict).next).toMatchObject({ a: { presence: 'gone' }, b: { presence: 'gone' } });
    }
  });

  it('I4 an answer with another id is only another spelling where no row is linked to the id that was asked for', () => {
    const spelled = present('a', { ...OLD, phone: '+2' }, { native_id: 'a1', merged_id: 'A1' });
    expect(writes(route({ a: spelled, b: present('b', OLD), row: known }))).toEqual([['b', 'update', { phone: '+2' }]]);
    expect(diff({ a: present('a', OLD, { merged_id: 'A1' }), b: present('b', OLD), row: known }).kind).toBe('Unchanged');
  });
});
