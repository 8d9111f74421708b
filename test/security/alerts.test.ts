/** An alert tells what a system or an error said, and calls nobody for it. */
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { allWorkflows } from '../../tools/templates/all-workflows';
import { plainInSlack } from '../../tools/templates/router';

const told = (value: unknown): unknown => runInNewContext(plainInSlack('value'), { value });

it.each([
  ['a call of everybody', '<!channel> <!here> <@U1>', '&lt;!channel&gt; &lt;!here&gt; &lt;@U1&gt;'],
  ['a link with other words', '<https://evil.example|your bank>', '&lt;https://evil.example|your bank&gt;'],
  ['an entity', '&lt;!channel&gt;', '&amp;lt;!channel&amp;gt;'],
  ['nothing', undefined, 'undefined'],
  ['megabytes', 'x'.repeat(1_000_000), 'x'.repeat(500)],
])('%s is text in an alert', (_title, value, text) => {
  expect(told(value)).toBe(text);
});

it('every alert of the shipped workflows writes a record key or an error only so', () => {
  for (const [file, workflow] of allWorkflows()) {
    const nodes = Array.isArray(workflow['nodes']) ? workflow['nodes'] : [];
    for (const node of nodes.map((one) => JSON.stringify(one)).filter((text) => text.includes('n8n-nodes-base.slack'))) {
      if (/record_key|message|reason/u.test(/"text":"((?:[^"\\]|\\.)*)"/u.exec(node)?.[1] ?? '')) expect(node, file).toContain('replaceAll(\'<\', \'&lt;\')');
    }
  }
});
