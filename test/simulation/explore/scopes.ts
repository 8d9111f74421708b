/** The bounded worlds in which every law must hold. */
import { both, scope, type Scope } from './scope';

const none = both(false);
const edits = (a: number, b: number): Pick<Scope, 'edits'> => ({ edits: { a, b } });
const created = { linked: false, creates: { a: 1, b: 0 } } as const;

export const SCOPES: readonly Scope[] = [
  scope('quick', 'one edit on each side', edits(1, 1)),
  scope('quick', 'one edit on each side, no conditional writes', { ...edits(1, 1), conditional: none }),
  scope('quick', 'one edit, a crash', { ...edits(1, 0), crashes: 1 }),
  scope('quick', 'one edit, an expiry', { ...edits(1, 0), expiries: 1 }),
  scope('quick', 'a lost hint, a duplicate', { ...edits(1, 0), losses: 1, duplicates: 1 }),
  scope('quick', 'a create', created),
  scope('quick', 'a delete', { deletes: { a: 1, b: 0 } }),
  scope('full', 'two edits and one', edits(2, 1)),
  scope('full', 'two edits and one, b wins', { ...edits(2, 1), rule: 'b wins' }),
  scope('full', 'set-backs', { ...edits(2, 0), setBacks: true }),
  scope('full', 'set-backs, Echo Guard off', { ...edits(2, 0), setBacks: true, echoGuard: false }),
  scope('full', 'set-backs on both sides', { ...edits(1, 1), setBacks: true }),
  scope('full', 'two edits and one, no conditional writes', { ...edits(2, 1), conditional: none }),
  scope('full', 'review, one decision', { ...edits(1, 1), rule: 'review', decisions: 1 }),
  scope('full', 'review, a crash', { ...edits(1, 1), rule: 'review', crashes: 1 }),
  scope('full', 'edits on both sides, a crash', { ...edits(1, 1), crashes: 1 }),
  scope('full', 'edits on both sides, a crash, no conditional writes', { ...edits(1, 1), crashes: 1, conditional: none }),
  scope('full', 'edits on both sides, an expiry', { ...edits(1, 1), expiries: 1 }),
  scope('full', 'edits on both sides, an expiry, no conditional writes', { ...edits(1, 1), expiries: 1, conditional: none }),
  scope('full', 'an edit, a time-out', { ...edits(1, 1), timeouts: 1 }),
  scope('full', 'an edit, a crash and an expiry', { ...edits(1, 0), crashes: 1, expiries: 1 }),
  scope('full', 'no origin stamps, a crash', { ...edits(1, 1), crashes: 1, stamps: none }),
  scope('full', 'b reformats as the mapping knows, a crash', { ...edits(1, 1), crashes: 1, reformats: 'known' }),
  scope('full', 'b reformats as nobody knows', { ...edits(1, 1), reformats: 'unknown' }),
  scope('full', 'two fields', { ...edits(1, 1), fields: ['name', 'city'] }),
  scope('full', 'three runs', { ...edits(1, 1), runs: 3 }),
  scope('full', 'Echo Guard off', { ...edits(1, 1), echoGuard: false }),
  scope('full', 'a create, an edit, a crash', { ...created, ...edits(1, 0), crashes: 1 }),
  scope('full', 'a create, an edit on the copy', { ...created, ...edits(0, 1) }),
  scope('full', 'a create, an expiry, keys honoured', { ...created, expiries: 1, idempotent: both(true) }),
  scope('full', 'a create, an expiry, unique key', { ...created, expiries: 1, uniqueKey: both(true) }),
  scope('full', 'created on both sides', { linked: false, creates: both(1) }),
  scope('full', 'a create and a delete', { ...created, deletes: { a: 1, b: 0 } }),
  scope('full', 'delete against edit', { deletes: { a: 1, b: 0 }, ...edits(0, 1) }),
  scope('full', 'delete against edit, a crash', { deletes: { a: 1, b: 0 }, ...edits(0, 1), crashes: 1 }),
  scope('full', 'deletes on both sides', { deletes: both(1) }),
];
