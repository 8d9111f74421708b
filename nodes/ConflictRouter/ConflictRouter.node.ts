import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import type { Difference, RunContext } from '../../core/model';
import { compileRules, type CompiledRules } from '../../core/policies/rule-set';
import { checkBatch, decideRoute, type RouteVerdict } from '../../core/stages/conflict-router';
import { rebaseline, type Differences } from '../../core/stages/rebaseline';
import { carried, differenceOf, runOf } from '../shared/envelope';
import { runItemLoop } from '../shared/item-loop';
import { byRun } from '../shared/run-groups';
import { conflictRouterProperties } from './conflict-router-properties';
import { readDifferences, readRuleSet } from './conflict-router-settings';

const OUTPUTS = ['Write', 'Converged', 'Review'] as const;

type Route = (difference: Difference) => RouteVerdict;

function byRules(rules: CompiledRules, run: RunContext, batch: readonly Difference[]): Route {
  const facts = checkBatch(rules, batch, new Date());
  return (difference) => decideRoute(rules, run, difference, facts);
}

function toBaseline(rules: CompiledRules, run: RunContext, differences: Differences): Route {
  return (difference) => rebaseline(rules, run, difference, differences);
}

export class ConflictRouter implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Conflict Router',
    name: 'conflictRouter',
    icon: { light: 'file:conflict-router.svg', dark: 'file:conflict-router.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{ $parameter["defineBy"] === "json" ? "rules as JSON" : ($parameter["rules"].rule ?? []).length + " rules, otherwise " + $parameter["otherwise"] }}',
    description: 'Applies the rules that say who wins, and hands the rest to a person',
    defaults: { name: 'Conflict Router' },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
    outputNames: [...OUTPUTS],
    usableAsTool: true,
    hints: [
      {
        message: 'A record deleted in one system is deleted in the other as well, without a person being asked.',
        type: 'danger',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["defineBy"] === "form" && $parameter["deleteUnchanged"] === "propagate" }}',
      },
      {
        message: 'At least one rule lets an empty value erase a value in the other system.',
        type: 'warning',
        location: 'ndv',
        whenToDisplay: 'always',
        displayCondition: '={{ $parameter["defineBy"] === "form" && ($parameter["rules"].rule ?? []).some((rule) => rule.empties === "may_erase") }}',
      },
    ],
    properties: conflictRouterProperties,
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    // A failed item goes to a person. It is marked as failed, so that Queue Review stores no question for it.
    return await runItemLoop(this, OUTPUTS, 'Review', (loop) => {
      const items = loop.read((json) => ({ run: runOf(json), difference: differenceOf(json) }));
      for (const { run, items: ofRun } of byRun(items)) {
        const systems = [run.source, run.target] as const;
        const rules = compileRules(readRuleSet(this, systems), systems);
        const route = this.getNodeParameter('task', 0, 'decide') === 'decide'
          ? byRules(rules, run, ofRun.map(({ value }) => value.difference))
          : toBaseline(rules, run, readDifferences(this));
        for (const { index, value } of ofRun) {
          loop.attempt(index, () => {
            const { kind, plan } = route(value.difference);
            loop.place(kind, index, { ...carried(loop.json(index)), record_key: plan.record_key, plan, verdict: { kind } });
          });
        }
      }
    });
  }
}
