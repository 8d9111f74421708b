import type { FakeFields } from '../fake-system';

export interface Quirks {
  /** Has a version, and refuses a write that was made for another one. */
  readonly conditional: boolean;
  readonly stamps: boolean;
  /** Answers a repeated idempotency key with the first answer. */
  readonly honours_keys: boolean;
  /** Two live records never have one e-mail address. */
  readonly unique_email: boolean;
  readonly search_lags: boolean;
  /** `spelling`: stores what the normalizer reads as the same. `value`: stores another value, and shows it. */
  readonly reformats: 'nothing' | 'spelling' | 'value';
  readonly answers: 'whole' | 'part' | 'nothing';
  /** A city that is written through the API sets the zip. */
  readonly automates: boolean;
}

export const plainQuirks: Quirks = {
  conditional: true, stamps: true, honours_keys: true, unique_email: true, search_lags: false, reformats: 'nothing', answers: 'whole', automates: false,
};

/** What the system makes of what it is given. Giving it its own form again changes nothing. */
export function stored(quirks: Quirks, fields: FakeFields): FakeFields {
  switch (quirks.reformats) {
    case 'nothing':
      return fields;
    case 'spelling':
      return { ...fields, name: typeof fields.name === 'string' ? `${fields.name.trim()} ` : fields.name, phone: respelled(fields.phone) };
    case 'value':
      return { ...fields, name: typeof fields.name === 'string' ? fields.name.toUpperCase() : fields.name };
  }
}

/** `+14155550123` as `(415) 555-0123`. */
function respelled(phone: FakeFields['phone']): FakeFields['phone'] {
  const digits = typeof phone === 'string' ? /^\+1(\d{3})(\d{3})(\d{4})$/u.exec(phone) : null;
  return digits === null ? phone : `(${digits[1] ?? ''}) ${digits[2] ?? ''}-${digits[3] ?? ''}`;
}
