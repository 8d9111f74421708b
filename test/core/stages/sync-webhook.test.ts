import { describe, expect, it } from 'vitest';
import { decideSender, type Headers, type SenderProof } from '../../../core/stages/sync-webhook';

const HEADER: SenderProof = { kind: 'header', name: 'X-Sync-Secret', value: 's3cret-Ü' };
const BASIC: SenderProof = { kind: 'basic', user: 'ann@example.org', password: 'pass:word Ü' };
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('a system, known by a header', () => {
  it('is let in with exactly the secret, and what goes on holds nothing of it', () => {
    const verdict = decideSender(HEADER, { 'x-sync-secret': 's3cret-Ü', accept: '*/*', 'content-type': 'application/json', 'user-agent': 'crm', cookie: 'session=1', authorization: 'Bearer 1' });
    expect(verdict).toEqual({ kind: 'Known', user: null, headers: { accept: '*/*', 'content-type': 'application/json' } });
  });

  it.each<[string, Headers]>([
    ['nothing', {}],
    ['an empty header', { 'x-sync-secret': '' }],
    ['another case', { 'x-sync-secret': 'S3CRET-Ü' }],
    ['a beginning of it', { 'x-sync-secret': 's3cret' }],
    ['more than it', { 'x-sync-secret': 's3cret-Ü ' }],
    ['it twice', { 'x-sync-secret': ['s3cret-Ü', 's3cret-Ü'] }],
    ['it in another header', { authorization: 's3cret-Ü' }],
  ])('is refused with %s', (_what, headers) => {
    expect(decideSender(HEADER, headers)).toMatchObject({ kind: 'Refused', status: 403 });
  });

  it('does not see its secret handed on, whatever header it stands in', () => {
    expect(decideSender({ ...HEADER, name: 'Accept' }, { accept: 's3cret-Ü' })).toEqual({ kind: 'Known', user: null, headers: {} });
  });

  it('is refused by a credential that is empty: nobody could be told from anybody', () => {
    expect(decideSender({ ...HEADER, value: '' }, { 'x-sync-secret': '' })).toMatchObject({ kind: 'Refused', status: 500 });
    expect(decideSender({ ...HEADER, name: '' }, { '': 's3cret-Ü' })).toMatchObject({ kind: 'Refused', status: 500 });
  });

  it('is not known by what every object has', () => {
    expect(decideSender({ ...HEADER, name: 'constructor' }, {})).toMatchObject({ kind: 'Refused', status: 403 });
  });
});

describe('a person, known by user and password', () => {
  it('is let in, and only the name goes on', () => {
    expect(decideSender(BASIC, { authorization: basic('ann@example.org:pass:word Ü'), accept: 'text/html' })).toEqual({ kind: 'Known', user: 'ann@example.org', headers: { accept: 'text/html' } });
  });

  it.each<[string, Headers]>([
    ['nothing', {}],
    ['the password alone', { authorization: basic(':pass:word Ü') }],
    ['another user', { authorization: basic('bob@example.org:pass:word Ü') }],
    ['another password', { authorization: basic('ann@example.org:pass:word') }],
    ['what is no base64', { authorization: 'Basic ***' }],
    ['another scheme', { authorization: basic('ann@example.org:pass:word Ü').replace('Basic', 'Bearer') }],
  ])('is asked again with %s', (_what, headers) => {
    expect(decideSender(BASIC, headers)).toMatchObject({ kind: 'Refused', status: 401 });
  });

  it('is refused by a credential without user or password', () => {
    expect(decideSender({ ...BASIC, password: '' }, { authorization: basic('ann@example.org:') })).toMatchObject({ kind: 'Refused', status: 500 });
    expect(decideSender({ ...BASIC, user: '' }, { authorization: basic(':pass:word Ü') })).toMatchObject({ kind: 'Refused', status: 500 });
  });
});

it('says in no refusal what was expected or sent', () => {
  for (const [proof, headers] of [[HEADER, { 'x-sync-secret': 'a-guess' }], [BASIC, { authorization: basic('ann@example.org:a-guess') }]] as const) {
    expect(JSON.stringify(decideSender(proof, headers))).not.toMatch(/s3cret|pass:word|a-guess|ann@/u);
  }
});
