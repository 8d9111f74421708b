import { configWithoutCloudSupport } from '@n8n/node-cli/eslint';
import tseslint from 'typescript-eslint';
import { layers } from './tools/eslint/layers.mjs';

// n8n's rules are about what n8n loads. Elsewhere (tests, demo, tools) they would forbid ordinary Node.js.
const n8nOnly = configWithoutCloudSupport.map((entry) => {
  if (entry.files === undefined) return entry;
  const files = entry.files.includes('**/*.ts') ? ['nodes/**/*.ts', 'credentials/**/*.ts'] : entry.files.map((pattern) => pattern.replace(/^\.\//, ''));
  // ESLint refuses two copies of one plugin; ours (with type information) serves these rules too.
  const { '@typescript-eslint': _theirs, ...plugins } = entry.plugins ?? {};
  return { ...entry, files, plugins };
});

const clock = 'core is pure: take the time as a parameter.';
const wait = 'core is pure: it never waits.';

export default tseslint.config(
  { ignores: ['dist/**', '.cache/**', 'node_modules/**', 'test-results/**'] },
  ...n8nOnly,
  {
    files: ['package.json'],
    rules: {
      // A ledger needs a database connection, so this package cannot be without dependencies; it is for self-hosted n8n.
      '@n8n/community-nodes/no-runtime-dependencies': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.mts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // `const { secret: _secret, ...rest }` is how a field is left out; the underscore says that this is meant.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
    },
  },
  {
    files: ['core/**/*.ts', 'ledger/**/*.ts', 'nodes/**/*.ts', 'credentials/**/*.ts'],
    plugins: { sync: { rules: { layers } } },
    rules: { 'sync/layers': 'error' },
  },
  {
    files: ['core/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'core is pure: take settings as parameters.' },
        ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({ name, message: wait })),
        ...['performance', 'crypto', 'fetch', 'console', 'globalThis'].map((name) => ({ name, message: 'core is pure: values in, values out.' })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[object.name='Date'][property.name='now']", message: clock },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
        { selector: "CallExpression[callee.name='Date']", message: clock },
        { selector: "CallExpression[callee.object.name='DateTime'][callee.property.name=/^(now|utc|local)$/][arguments.length=0]", message: clock },
        { selector: "CallExpression[callee.object.name='DateTime'][callee.property.name='now']", message: clock },
        { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'core is pure: take randomness as a parameter.' },
        { selector: 'ImportDeclaration[source.value=/crypto$/] ImportSpecifier[imported.name=/^(random|webcrypto|get|generate)/]', message: 'core is pure: take randomness as a parameter.' },
      ],
    },
  },
  {
    // Test titles and mocks read parameters they do not type; assertions on possibly missing values fail the test anyway.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
