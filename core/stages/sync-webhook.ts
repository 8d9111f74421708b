/** Who may send to a webhook, and what of a delivery goes on: what was said, never what proved the sender. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** What a sender must show, as the credential has it. */
export type SenderProof =
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string };

/** Names in lower case, as Node.js hands them over. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export type SenderVerdict =
  | { readonly kind: 'Known'; readonly user: string | null; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'Refused'; readonly status: 401 | 403 | 500; readonly reason: string };

/** What a workflow may see of the headers: how the body is written, and which answer the sender can read. */
const HANDED_ON = ['accept', 'content-type'] as const;
const BASIC = /^basic +(?<pair>[a-z0-9+/]+={0,2}) *$/iu;

export function decideSender(proof: SenderProof, headers: Headers): SenderVerdict {
  switch (proof.kind) {
    case 'header': {
      if (proof.name === '' || proof.value === '') return EMPTY;
      const name = proof.name.toLowerCase();
      return isSame(Object.hasOwn(headers, name) ? headers[name] : undefined, proof.value) ? known(null, headers, name) : { kind: 'Refused', status: 403, reason: 'The secret is missing or wrong.' };
    }
    case 'basic': {
      if (proof.user === '' || proof.password === '') return EMPTY;
      const { authorization } = headers;
      return isSame(typeof authorization === 'string' ? pairOf(authorization) : undefined, `${proof.user}:${proof.password}`) ? known(proof.user, headers, 'authorization') : { kind: 'Refused', status: 401, reason: 'User and password are missing or wrong.' };
    }
  }
}

/** An empty secret would let everybody in who sends an empty header. */
const EMPTY: SenderVerdict = { kind: 'Refused', status: 500, reason: 'The credential of this webhook is empty.' };

function known(user: string | null, headers: Headers, proving: string): SenderVerdict {
  const said = HANDED_ON.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' && name !== proving ? [[name, value] as const] : [];
  });
  return { kind: 'Known', user, headers: Object.fromEntries(said) };
}

function pairOf(authorization: string): string | undefined {
  const pair = BASIC.exec(authorization)?.groups?.['pair'];
  return pair === undefined ? undefined : Buffer.from(pair, 'base64').toString('utf8');
}

/** Over digests, so that neither the time it takes nor the length tells how much of a guess was right. */
function isSame(sent: string | readonly string[] | undefined, expected: string): boolean {
  return typeof sent === 'string' && timingSafeEqual(digest(sent), digest(expected));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
