import { byTests, inScope, mutantsOf, type Mutant } from '../mutant';

const sought = mutantsOf('core/stages/sought-record.ts');
const diff = mutantsOf('core/stages/diff-engine.ts');
const reads = mutantsOf('core/stages/start-reads.ts');
const steps = 'test/simulation/explore/run-step.ts';

/**
 * A run reads the source anew whatever its webhook said, and looks at nothing after a write but its answer. No code of ours could do
 * otherwise, so what would is put into the run that the search plays.
 */
const PAYLOAD: Mutant = {
  rule: 'law 1', name: 'the webhook\'s payload is taken for what the source holds', caughtBy: inScope('one edit on each side'),
  edits: [
    { file: 'test/simulation/fake-system.ts', from: `    response: reply(200),\n    hints: [{ system: state.name, native_id: record.id }],`, to: `    response: reply(200),\n    hints: [{ system: state.name, native_id: record.id, told: next }],` },
    { file: steps, from: `const running: Running = { state, run_id: '', read_token: 0, seen: {} };`, to: `const running: Running = { state, run_id: '', read_token: 0, seen: {}, told: hint.told ?? null };` },
    { file: steps, from: `const next = { state, run_id, read_token, seen: state.pass === null ? {} : seen };`, to: `const next = { state, run_id, read_token, seen: state.pass === null ? {} : seen, told: running.told };` },
    {
      file: steps,
      from: `function read(setting: Setting, world: World, running: Running, effect: Extract<Effect, { kind: 'read' }>): Stepped {\n  const side = sideOf(effect.system);\n  const { response } = answer(world.systems[side], effect, UNTOLD);\n  return { ledger: world.ledger, next: resumed(setting, running, {`,
      to: `function read(setting: Setting, world: World, running: Running, effect: Extract<Effect, { kind: 'read' }>): Stepped {\n  const side = sideOf(effect.system);\n  const { told } = running;\n  const holds = told === null || told.id !== effect.asked.native_id ? world.systems[side] : { ...world.systems[side], records: { ...world.systems[side].records, [told.id]: told } };\n  const { response } = answer(holds, effect, UNTOLD);\n  return { ledger: world.ledger, next: resumed(setting, { ...running, told: null }, {`,
    },
    { file: 'test/simulation/explore/state-key.ts', from: 'return hints.map(({ system, native_id }) => `${system}${native_id}`)', to: 'return hints.map(({ system, native_id, told }) => `${system}${native_id}${JSON.stringify(told?.fields)}`)' },
    { file: 'test/simulation/explore/told-state.ts', from: `function runOf({ state, seen }: Running): unknown {\n  const { pass, jobs } = state;`, to: `function runOf({ told, ...running }: Running): unknown {\n  return [runOfItself(running), told?.fields];\n}\n\nfunction runOfItself({ state, seen }: Running): unknown {\n  const { pass, jobs } = state;` },
  ],
};

const READ_BACK: Mutant = {
  rule: '13', name: 'what a read after the write shows becomes the snapshot', caughtBy: inScope('one edit on each side'),
  edits: [
    { file: steps, from: `import { answer, liveRecords, type FakeRecord } from '../fake-system';`, to: `import { readResponse } from '../../../core/stages/read-response';\nimport { answer, liveRecords, type FakeRecord } from '../fake-system';` },
    {
      file: steps,
      from: `  const running = world.runs[index];\n  if (running === undefined) throw new Error(\`There is no run \${index}.\`);\n  const effect = wantedBy(setting, running);`,
      to: `  const found = world.runs[index];\n  if (found === undefined) throw new Error(\`There is no run \${index}.\`);\n  const running = wantedBy(setting, found)?.kind === 'commit' ? { ...found, state: readBack(setting, world, found.state) } : found;\n  const effect = wantedBy(setting, running);`,
    },
    {
      file: steps,
      from: `export const recordName =`,
      to: `function readBack(setting: Setting, world: World, state: RunState): RunState {
  const again = (planned) => ({ ...planned, writes: planned.writes.map((write) => {
    const asked = { native_id: write.outcome.observation?.native_id ?? null, match_key: null };
    if (asked.native_id === null) return write;
    const { response } = answer(world.systems[sideOf(write.system)], { kind: 'read', asked }, UNTOLD);
    const read = readResponse(setting.machine.mappings[write.system], response, asked, { list_path: 'data' });
    return read.kind === 'Valid' ? { ...write, outcome: { ...write.outcome, observation: read.observation } } : write;
  }) });
  return { ...state, pass: { ...state.pass, reserved: state.pass.reserved.map(again) } };
}

export const recordName =`,
    },
  ],
};

const openCreates = byTests('test/core/stages/open-creates.test.ts');

export const WIRING_MUTANTS: readonly Mutant[] = [
  PAYLOAD,
  READ_BACK,
  diff('L3', 'an open create is sent again while the earlier request may still land', `if (intent.op !== 'create' || !intent.may_land || used`, `if (intent.op !== 'delete' || !intent.may_land || used`, openCreates),
  sought('L5', 'the link is read, though an open create may have made another record', `return created === null ? {`, `return created !== 'none' ? {`, inScope('delete against edit, a crash')),
  diff('L5', 'an open create is repeated by a run that cannot search for it', `if (isUnsearched(run, observed, row, used) && target.native_id !== null) {`, `if (isUnsearched(run, observed, row, used) && target.native_id === '') {`, inScope('delete against edit, a crash')),
  reads('L5', 'a Recheck that only the reverse direction can answer stays in its own', `if (source_id === null || reversed) other`, `if (source_id === null) other`, inScope('delete against edit, a crash')),
  sought('L7', 'a record that is gone searches the other side', `const created = other.presence === 'present' ? openCreate(`, `const created = other.presence !== 'none' ? openCreate(`, openCreates),
  sought('law 10', 'a question about the records of one system has the other one searched anew', `fieldOf(values[system] ?? {}, 'candidates') !== undefined`, `Object.values(values).some((shown) => fieldOf(shown, 'candidates') !== undefined)`, openCreates),
];
