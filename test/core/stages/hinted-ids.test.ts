import { describe, expect, it } from 'vitest';
import { parsePath } from '../../../core/json/path';
import { hintedIds } from '../../../core/stages/hinted-ids';

const paths = (events: string, id: string): Parameters<typeof hintedIds>[1] => ({ events: events === '' ? [] : parsePath(events) ?? [], id: parsePath(id) ?? [] });

describe('the records that a delivery names', () => {
  it.each([
    ['a list somewhere inside', { data: { events: [{ record: { id: 'a' } }, { record: { id: 'b' } }] } }, paths('data.events', 'record.id'), ['a', 'b']],
    ['the delivery is the list', [{ id: 'a' }, { id: 'b' }], paths('', 'id'), ['a', 'b']],
    ['the delivery is one event', { id: 'a' }, paths('', 'id'), ['a']],
    ['one event without a list around it', { event: { id: 'a' } }, paths('event', 'id'), ['a']],
    ['numbers are ids, and spaces around one are not', { events: [{ id: 47 }, { id: ' a ' }] }, paths('events', 'id'), ['47', 'a']],
    ['twice is once', { events: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] }, paths('events', 'id'), ['a', 'b']],
  ])('%s', (_what, delivery, where, ids) => {
    expect(hintedIds(delivery, where)).toEqual(ids);
  });

  it.each([
    [null], ['events'], [42], [{}], [{ events: null }], [{ events: 'all' }], [{ events: [] }], [{ events: [null, 'a', {}, { id: '' }, { id: '  ' }, { id: null }, { id: { id: 'a' } }, { id: ['a'] }, { id: true }] }],
    [JSON.parse('{"events":[{"__proto__":{"id":"a"}}]}')],
  ])('there are none in %j', (delivery: unknown) => {
    expect(hintedIds(delivery, paths('events', 'id'))).toEqual([]);
  });
});
