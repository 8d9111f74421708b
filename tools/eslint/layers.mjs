// The layer table of docs/architecture.md as one ESLint rule. ESLint's own no-restricted-imports sees only the text of an
// import; whether `../../ledger/x` leaves the folder depends on the file it stands in, so paths are resolved here.
import { isBuiltin } from 'node:module';
import { posix, relative, resolve, sep } from 'node:path';

/** Each database driver has exactly one file that may name it. */
const DRIVERS = new Map([
  ['node:sqlite', 'ledger/sqlite/driver'],
  ['pg', 'ledger/postgres/driver'],
  ['ioredis', 'ledger/redis/driver'],
]);

/** Packages and files (without extension) that a layer may import besides itself. */
const LAYERS = {
  core: {
    packages: ['node:crypto', 'zod', 'fast-json-stable-stringify', 'luxon', 'libphonenumber-js'],
    files: () => false,
  },
  ledger: {
    packages: ['node:crypto', 'node:path', 'node:fs', 'node:fs/promises', 'node:os', 'node:timers/promises', 'zod'],
    files: (file) => /^core\/(model|sync-error|ledger-request|policies\/guard-settings|policies\/guards|policies\/holds|policies\/review-answers|policies\/undo|stages\/ledger-check|stages\/ledger-reserve)(\/|$)/.test(file) || file === 'core/json' || file.startsWith('core/json/'),
  },
  nodes: {
    packages: ['n8n-workflow', 'zod'],
    // The port and its opener lie directly in ledger/; a store lies in a folder of its own.
    files: (file) => file.startsWith('core/') || /^ledger\/[^/]+$/.test(file),
  },
  credentials: {
    packages: ['n8n-workflow'],
    files: () => false,
  },
};

const stem = (path) => path.replace(/\.(ts|js|json)$/, '');
const packageName = (specifier) => (isBuiltin(specifier) ? `node:${specifier.replace(/^node:/, '')}` : specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'));

/** @returns {string | undefined} why `file` must not import `specifier` */
function objection(file, specifier) {
  const [layer] = file.split('/');
  const rules = Object.hasOwn(LAYERS, layer) ? LAYERS[layer] : undefined;
  if (rules === undefined) return undefined;

  if (!specifier.startsWith('.')) {
    const name = packageName(specifier);
    const owner = layer === 'ledger' ? DRIVERS.get(name) : undefined;
    if (owner === stem(file) || rules.packages.includes(name)) return undefined;
    return owner === undefined
      ? `${layer} may not import "${specifier}" (allowed: ${rules.packages.join(', ')}).`
      : `"${specifier}" is a driver; only ${owner}.ts may import it.`;
  }

  const target = stem(posix.join(posix.dirname(file), specifier));
  if (target.startsWith(`${layer}/`)) {
    const [, ownFolder] = file.split('/');
    const [, folder, inner] = target.split('/');
    const isOtherNode = layer === 'nodes' && inner !== undefined && folder !== ownFolder && folder !== 'shared';
    return isOtherNode ? `A node may not import another node ("${folder}"); what both need belongs in nodes/shared or in core.` : undefined;
  }
  return rules.files(target) ? undefined : `${layer} may not import "${target}".`;
}

const literal = (node) => (node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined);

export const layers = {
  meta: { type: 'problem', schema: [], messages: { layer: '{{reason}}' } },
  create(context) {
    const file = relative(resolve(context.cwd), context.filename).split(sep).join('/');
    const check = (node, source) => {
      const specifier = literal(source);
      const reason = specifier === undefined ? undefined : objection(file, specifier);
      if (reason !== undefined) context.report({ node, messageId: 'layer', data: { reason } });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
      TSExternalModuleReference: (node) => check(node, node.expression),
      CallExpression(node) {
        const { callee } = node;
        const name = callee.type === 'MemberExpression' ? callee.property.name : callee.name;
        if (name === 'require' || name === 'getBuiltinModule') check(node, node.arguments[0]);
      },
    };
  },
};
