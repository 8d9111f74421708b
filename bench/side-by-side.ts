/** Times several ways of doing the same work in one process, turn by turn, so that whatever slows the machine slows all of them. */
import { Bench } from 'tinybench';

/** @returns milliseconds per name: the median of `runs` turns, each after one turn that does not count. */
export async function sideBySide(works: Readonly<Record<string, () => unknown>>, runs: number): Promise<Readonly<Record<string, number>>> {
  const samples = new Map<string, number[]>(Object.keys(works).map((name) => [name, []]));
  for (let turn = 0; turn <= runs; turn += 1) {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
    for (const [name, work] of Object.entries(works)) bench.add(name, async () => { await work(); });
    await bench.run();
    if (turn === 0) continue;
    for (const { name, result } of bench.tasks) {
      if (!('latency' in result)) throw new Error(`${name} was not measured.`);
      samples.get(name)?.push(result.latency.mean);
    }
  }
  return Object.fromEntries([...samples].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] ?? Number.NaN : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** @returns milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
