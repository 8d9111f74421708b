/**
 * What a person (or a program) sent back from the review page, as decisions to store. Comes from outside, so nothing of it is
 * believed: a decision that cannot be read is refused by itself, and the others count.
 */
import { z } from 'zod';
import { recordPairSchema, recordSchema } from './json/guards';
import type { CanonicalRecord, Pair } from './model';

/** One decision, flat, as the fields of the Decide Review form want it. */
export interface ReadDecision {
  readonly review_id: string;
  readonly kind: 'winner' | 'value' | 'keep_apart' | 'link';
  readonly winner: string;
  readonly value: CanonicalRecord;
  readonly link_to: string;
  readonly shown: Pair<CanonicalRecord>;
}

/** One hold that a person lets go. */
export interface ReadRelease {
  readonly hold_id: string;
  readonly counted: number;
}

export interface ReadDecisions {
  readonly decisions: readonly ReadDecision[];
  readonly releases: readonly ReadRelease[];
  /** One reason for each that could not be read. */
  readonly refused: readonly { readonly review_id: string | null; readonly reason: string }[];
}

const decisionSchema = z.object({
  review_id: z.string().min(1),
  shown: recordPairSchema,
  decision: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('winner'), system: z.string().min(1) }),
    z.object({ kind: z.literal('value'), value: recordSchema }),
    z.object({ kind: z.literal('keep_apart') }),
    z.object({ kind: z.literal('link'), native_id: z.string().min(1) }),
  ]),
});

/** A form sends `decision` once or several times, each as JSON, empty for "leave open", or `release`; a program sends `decisions` and `releases`. */
const texts = z.union([z.string(), z.array(z.string())]);
const bodySchema = z.object({ decision: texts.optional(), decisions: z.array(z.unknown()).optional(), release: texts.optional(), releases: z.array(z.unknown()).optional() });
const releaseSchema = z.object({ hold_id: z.string().min(1), counted: z.number().int().min(0) });
const named = z.object({ review_id: z.string() });

/** More in one request is no person's work, and would hold the page for minutes. */
export const MOST_DECISIONS = 1000;

export function readDecisions(body: unknown): ReadDecisions {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return { decisions: [], releases: [], refused: [{ review_id: null, reason: 'the request holds no decisions: send `decisions` as a list, or the form of the page' }] };
  const { decision = [], decisions = [], release = [], releases = [] } = parsed.data;
  const fromForm = (given: string | readonly string[]): readonly unknown[] => [given].flat().filter((text) => text.trim() !== '').flatMap(fromText);
  const sent = [...fromForm(decision), ...decisions];
  const released = [...fromForm(release), ...releases];
  if (sent.length + released.length > MOST_DECISIONS) return { decisions: [], releases: [], refused: [{ review_id: null, reason: `${sent.length + released.length} decisions at once are too many: send at most ${MOST_DECISIONS}` }] };
  return inOrder(sent, released);
}

function inOrder(sent: readonly unknown[], released: readonly unknown[]): ReadDecisions {
  // By review: one choice for the whole page and another for one record of it: the one for the record was meant.
  const decisions = new Map<string, ReadDecision>();
  const refused: { review_id: string | null; reason: string }[] = [];
  for (const one of sent) {
    const read = decisionSchema.safeParse(one);
    if (read.success) decisions.set(read.data.review_id, flat(read.data));
    else refused.push({ review_id: named.safeParse(one).data?.review_id ?? null, reason: `the decision cannot be read: ${read.error.issues[0]?.path.join('.') ?? ''} ${read.error.issues[0]?.message ?? ''}`.trim() });
  }
  const releases = released.flatMap((one) => {
    const read = releaseSchema.safeParse(one);
    if (!read.success) refused.push({ review_id: null, reason: 'the release cannot be read: it names a hold and what was shown of it' });
    return read.success ? [read.data] : [];
  });
  return { decisions: [...decisions.values()], releases, refused };
}

function flat({ review_id, shown, decision }: z.infer<typeof decisionSchema>): ReadDecision {
  return {
    review_id,
    kind: decision.kind,
    winner: decision.kind === 'winner' ? decision.system : '',
    value: decision.kind === 'value' ? decision.value : {},
    link_to: decision.kind === 'link' ? decision.native_id : '',
    shown,
  };
}

/** The choice for a whole page is a list of decisions in one text. */
function fromText(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    // Not from our page; refused below with the others that cannot be read.
    return [text];
  }
}
