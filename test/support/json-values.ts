import fc from 'fast-check';
import type { JsonValue } from '../../core/model';

/** Keys that are ordinary data and break careless code. */
export const nastyKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'toJSON', 'length', '0', '', 'a.b', 'é', 'e\u0301', '\ud800'),
  fc.string({ maxLength: 6, unit: 'binary' }),
);

export const nastyText = fc.oneof(
  fc.constantFrom('', ' ', '0', 'null', '\0', '\ud800', 'a\u00a0b', 'x\r\ny', 'İ', 'ß', 'ΑΣ', '2026-03-10', '+49 30 123456', '1e400', '-0', '  a  b '),
  fc.string({ maxLength: 20, unit: 'binary' }),
  fc.string({ maxLength: 20 }),
);

/** Any JSON value, with nasty keys and texts. Objects have no prototype, so that `__proto__` can be a member. */
export const jsonValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    nastyText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(nastyKey, tie('value'), { maxKeys: 4, noNullPrototype: false }),
  ),
})).value;

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
