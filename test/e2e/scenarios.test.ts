import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEMS } from '../../demo/tour/both-systems';
import { TourWorld } from '../../demo/tour/world';
import { CHECKOUT } from '../../tools/checkout';
import { parseScenario } from '../scenarios/parse';
import { playOnN8n } from './scenario-on-n8n';
import { withScenarioRules } from './scenario-records';

const FOLDER = join(CHECKOUT, 'test', 'scenarios');
const chosen = readdirSync(FOLDER).filter((name) => name.endsWith('.scenario')).sort()
  .map((file) => parseScenario(file, readFileSync(join(FOLDER, file), 'utf8')))
  .filter(({ on_n8n }) => on_n8n)
  .map((scenario, index) => ({ scenario, mark: `s${index + 1}`, name: `${scenario.cases.join(' ')} ${scenario.title}` }));

describe('scenarios through the shipped workflows of a real n8n', () => {
  let world: TourWorld;
  beforeAll(async () => {
    world = await TourWorld.start(null, { people: 0, change: withScenarioRules });
    for (const system of SYSTEMS) await world.systems.quirks(system, { webhooks_off: true, reformat_phones: false });
    await world.systems.quirks('support', { reject_value: { field: 'address.city', value: 'refused by b' } });
  });
  afterAll(() => world.close());

  it('are a dozen or more', () => {
    expect(chosen.length).toBeGreaterThanOrEqual(12);
  });

  it.each(chosen)('$name', async ({ scenario, mark }) => {
    await expect(playOnN8n(scenario, world, mark)).resolves.toBeUndefined();
  });
});
