import { NodeConnectionTypes, type ExpressionString } from 'n8n-workflow';

/** Names of a node's outputs for every operation, in order. */
export type OutputTable = { readonly [operation: string]: readonly string[] };

/**
 * Outputs that follow the chosen operation. n8n evaluates this text in the editor and when running, so the table is written
 * into it; the names alone, because a `}}` inside would end the expression.
 */
export function outputsByOperation(table: OutputTable): ExpressionString {
  const names = JSON.stringify(table).replace(/\}\}/gu, '} }');
  return `={{ (${names}[$parameter["operation"]] ?? ["Output"]).map((displayName) => ({ type: "${NodeConnectionTypes.Main}", displayName })) }}`;
}
