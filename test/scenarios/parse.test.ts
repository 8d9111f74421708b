import { describe, expect, it } from 'vitest';
import { memoryLedger } from '../simulation/stores';
import { parseScenario } from './parse';
import { playScenario } from './play';

const text = (...lines: readonly string[]): string => ['scenario: An edit travels', 'cases: E1 C2', '', ...lines, 'a further run writes nothing'].join('\n');
const parsed = (...lines: readonly string[]) => parseScenario('edit.scenario', text(...lines));
const CREATED = ['a creates ann: name "Ann", city "Oslo"', 'webhooks arrive'] as const;

describe('a scenario', () => {
  it('is read with its title, its cases, and where each line stands', () => {
    const { title, cases, given, lines } = parsed('given b has no conditional writes', '# a comment', ...CREATED, 'expect b ann: city "Oslo"');
    expect({ title, cases, given }).toEqual({ title: 'An edit travels', cases: ['E1', 'C2'], given: [{ kind: 'quirk', system: 'b', quirk: { conditional: false } }] });
    expect(lines.map(({ at }) => at)).toEqual(['edit.scenario:6', 'edit.scenario:7', 'edit.scenario:8']);
    expect(lines[2]?.says).toMatchObject({ kind: 'expect record', who: { system: 'b', alias: 'ann' }, fields: { city: 'Oslo' } });
  });

  it('says in its third line that it is played on a real n8n, too', () => {
    const told = (...lines: readonly string[]) => parseScenario('x.scenario', ['scenario: An edit', 'cases: E1', ...lines, 'expect 0 writes', 'a further run writes nothing'].join('\n'));
    expect([told().on_n8n, told('on: n8n').on_n8n]).toEqual([false, true]);
    expect(() => told('on: paper')).toThrow('x.scenario:3: Nobody knows what this means: on: paper');
  });

  it.each([
    [['a greets ann'], 'edit.scenario:4: Nobody knows what this means: a greets ann'],
    [['a edits ann: town "Oslo"'], 'edit.scenario:4: No field is named "town".'],
    [['a edits ann: city Oslo'], 'edit.scenario:4: "city Oslo" is no field with a JSON value'],
    [['a edits ann: city "Oslo", city "Bergen"'], 'edit.scenario:4: "city" is given twice.'],
    [['webhook of a ann explodes'], 'edit.scenario:4: "explodes" is none of: arrives, is lost'],
    [['run 1 stops before its breakfast'], 'edit.scenario:4: "breakfast" is none of: start'],
    [['next write explodes'], 'edit.scenario:4: "explodes" is none of:'],
    [['expect questions: city'], 'edit.scenario:4: "city" is no question'],
    [['webhooks arrive', 'given echo guard off'], 'edit.scenario:5: what is given stands before what happens.'],
    [['webhooks arrive'], 'edit.scenario: nothing is expected.'],
  ])('with %j is refused, and the message names the line', (lines, message) => {
    expect(() => parsed(...lines)).toThrow(message);
  });

  it('without title, without case numbers or with a wrong one is refused', () => {
    expect(() => parseScenario('x.scenario', 'webhooks arrive')).toThrow('x.scenario:1: a scenario begins with');
    expect(() => parseScenario('x.scenario', 'scenario: An edit\ncases: E1 Q7\na further run writes nothing')).toThrow('x.scenario:2: "Q7" is no case number.');
  });

  it('G8 that does not end with a further run is refused', () => {
    expect(() => parseScenario('x.scenario', 'scenario: An edit\ncases: E1\nexpect 0 writes')).toThrow('x.scenario:3: a scenario ends with "a further run writes nothing".');
  });

  it('G8 whose further run would write fails, and says what', async () => {
    const lost = parsed(...CREATED, 'a edits ann: city "Bergen"', 'webhooks are lost', 'expect b ann: city "Oslo"');
    await expect(playScenario(lost, memoryLedger(false))).rejects.toThrow('a further run writes: update b {"city":"Bergen"');
  });

  it.each([
    ['expect b ann: city "Bergen"', 'It holds {"city":"Oslo"}.'],
    ['expect b ann is gone', 'It is there.'],
    ['expect 2 writes', 'Found 1.'],
    ['expect 0 records in b', 'Found 1.'],
    ['expect questions: city of ann', 'Found [].'],
    ['expect history of ann: 2 entries', 'Found 1.'],
    ['expect history of ann: city "x" lost to "y"', 'The history holds []'],
    ['expect issue of ann: rejected_write', 'Found [].'],
    ['webhook of a ann arrives', 'No webhook of a about ann is under way.'],
    ['a edits bob: city "Oslo"', 'a has no record of bob.'],
    ['a person decides city of ann: a wins', 'Nobody is asked about city of ann.'],
  ])('that says "%s" and should not fails, and says what it found', async (line, message) => {
    const wrong = parsed(...CREATED, line, 'expect 1 record in b');
    await expect(playScenario(wrong, memoryLedger(false))).rejects.toThrow(new RegExp(`^edit\\.scenario:6: .*\\n  ${message.replaceAll(/[.[\]{}]/gu, '\\$&')}`, 'u'));
  });
});
