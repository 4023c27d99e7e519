/**
 * The table of layers (docs: CONTRIBUTING.md). Each row is one layer: what it may use of our own code,
 * which npm packages, and whether it may use Node's own modules. Whatever is not written here is forbidden.
 */
const LAYERS = {
  domain: { own: ['domain/'], npm: [], node: false },
  meta: { own: ['domain/', 'meta/'], npm: ['zod', 'undici'], node: true },
  workflows: {
    own: ['domain/', 'workflows/'],
    typesOf: ['activities/'],
    npm: ['@temporalio/workflow', '@temporalio/common'],
    node: false,
  },
  activities: { own: ['domain/', 'activities/'], npm: ['@temporalio/activity', '@temporalio/common'], node: true },
  db: { own: ['domain/', 'db/'], npm: ['drizzle-orm', 'postgres', 'jose'], node: true },
  delivery: {
    own: ['domain/', 'delivery/'],
    npm: ['undici', 'standardwebhooks', 'nodemailer', 'ipaddr.js'],
    node: true,
  },
  api: {
    own: ['domain/', 'meta/', 'api/', 'workflows/messages[.]ts$'],
    npm: [
      'fastify',
      'fastify-plugin',
      'fastify-raw-body',
      'fastify-type-provider-zod',
      '@fastify/[^/]+',
      'zod',
      'hono',
      'libphonenumber-js',
      'prom-client',
      '@temporalio/client',
    ],
    node: true,
  },
  simulator: { own: ['simulator/', 'domain/clock[.]ts$'], npm: ['fastify', 'zod'], node: true },
  client: { own: ['client/'], npm: ['openapi-fetch'], node: false },
};
/** They compose: anything but the simulator's and tests' insides is open to them, and only they read env.ts. */
const COMPOSERS = '^src/(cli|launch)/';
const NPM_TYPES = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

const under = (paths) => `^src/(${paths.join('|')})`;
const packages = (names) => `(^|/)node_modules/(@types/)?(${names.join('|')})(/|$)`;

/** The rules of one row. NOTE: `typesOf` are seen because `tsPreCompilationDeps` keeps type-only imports. */
function rulesOf([layer, { own, typesOf = [], npm, node }]) {
  const from = { path: `^src/${layer}/` };
  const rules = [
    {
      name: `${layer}-own-code`,
      comment: `${layer} may use only: ${[...own, ...typesOf.map((path) => `${path} (types)`)].join(', ')}`,
      severity: 'error',
      from,
      to: { path: '^(src|test|bench|tools)/', pathNot: under([...own, ...typesOf]) },
    },
    {
      name: `${layer}-npm`,
      comment: `${layer} may use only these packages: ${npm.join(', ') || 'none'}`,
      severity: 'error',
      from,
      to: npm.length === 0 ? { dependencyTypes: NPM_TYPES } : { dependencyTypes: NPM_TYPES, pathNot: packages(npm) },
    },
  ];
  if (typesOf.length > 0) {
    rules.push({
      name: `${layer}-types-only`,
      comment: `${layer} knows ${typesOf.join(', ')} by type only: write import type`,
      severity: 'error',
      from,
      to: { path: under(typesOf), dependencyTypesNot: ['type-only'] },
    });
  }
  if (!node) {
    rules.push({
      name: `${layer}-node`,
      comment: `${layer} knows none of Node's own modules`,
      severity: 'error',
      from,
      to: { dependencyTypes: ['core'] },
    });
  }
  return rules;
}

module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).flatMap(rulesOf),
    {
      name: 'only-composers-read-env',
      comment: 'settings are read once, where the parts are put together',
      severity: 'error',
      from: { path: '^src/', pathNot: [COMPOSERS, '^src/env[.]ts$'] },
      to: { path: '^src/env[.]ts$' },
    },
    {
      name: 'root-files-stand-alone',
      comment: 'env.ts and logger.ts know no layer',
      severity: 'error',
      from: { path: '^src/[^/]+[.]ts$' },
      to: { path: '^src/[^/]+/' },
    },
    {
      name: 'unknown-layer',
      comment: 'a new folder below src needs a row in the table of layers first',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: [`^src/(${Object.keys(LAYERS).join('|')})/`, COMPOSERS] },
      to: {},
    },
    {
      name: 'no-code-of-tests-in-src',
      comment: 'what is shipped does not need its tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-cycles',
      comment: 'one direction, nobody calls back',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
