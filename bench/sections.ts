import { benchApiDay } from './api-day/api-day';
import { benchBursts } from './bursts';
import { benchEngine } from './engine/engine';
import { benchLatency } from './latency/latency';
import { benchLedger } from './ledger';
import { benchProfile } from './profile';
import type { Section } from './section';
import { benchStages } from './stages';

export interface Scale {
  /** Records in the largest batch but the one that shows how time grows. */
  readonly batch: number;
  /** Records that a large ledger knows. */
  readonly large: number;
  /** Turns, of which the median counts. */
  readonly runs: number;
  /** In both systems of the working day. */
  readonly people: number;
  /** In a burst, each told of four times. */
  readonly burst: number;
}

/** In the order of the report. */
export const SECTIONS: Readonly<Record<string, (scale: Scale) => Promise<Section>>> = {
  stages: ({ batch, runs }) => benchStages(batch, runs),
  ledger: ({ batch, large, runs }) => benchLedger({ small: Math.min(10_000, large), large, batches: [...new Set([100, 1000, batch])], runs }),
  profile: ({ batch, large, runs }) => benchProfile({ batch, known: large, runs }),
  engine: ({ batch, large, runs }) => benchEngine({ batch, known: large, big_batch: batch * 10, runs }),
  'api-day': ({ people }) => benchApiDay(people),
  latency: ({ runs }) => benchLatency(runs * 4),
  bursts: ({ burst }) => benchBursts({ records: burst, times: 4, direct: Math.ceil(burst / 12) }),
};
