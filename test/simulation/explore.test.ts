import { expect, it } from 'vitest';
import { exploreScope, historyText } from './explore/main';
import { SCOPES } from './explore/scopes';

it.each(SCOPES.filter(({ tier }) => tier === 'quick').map((scope) => [scope.name, scope] as const))('every law holds in every interleaving: %s', (_name, scope) => {
  const outcome = exploreScope(scope);
  expect(historyText(outcome)).toBe('');
  expect(outcome).toMatchObject({ complete: true, violation: null });
  expect(outcome.quiescent).toBeGreaterThan(1);
}, 60_000);
