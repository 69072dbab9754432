import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/**
 * Which folders of src may not be imported from where (docs/decisions/0002). Imports point one way:
 * cli → engine, stack, report → catalogue → oauth, mcp, user-agent → config, errors.
 */
const ABOVE_LIBRARIES = ['cli', 'engine', 'report', 'catalogue', 'stack', 'launch', 'config', 'race']
const BELOW_REPORTS = ['oauth', 'mcp', 'user-agent', 'servers', 'nextcloud', 'evidence']
const FORBIDDEN = {
  'src/errors.ts': [...ABOVE_LIBRARIES, 'oauth', 'mcp', 'user-agent', 'servers', 'nextcloud', 'evidence'],
  'src/baseline-schema.ts': ['cli', 'engine', 'report', 'stack', 'launch', 'config', 'servers', 'nextcloud'],
  'src/oauth/**': [...ABOVE_LIBRARIES, 'servers', 'nextcloud'],
  'src/user-agent/**': [...ABOVE_LIBRARIES, 'servers', 'nextcloud'],
  'src/mcp/**': [...ABOVE_LIBRARIES, 'nextcloud', 'user-agent'],
  'src/servers/**': [...ABOVE_LIBRARIES, 'nextcloud', 'user-agent', 'mcp', 'evidence'],
  'src/nextcloud/embedded/**': [...ABOVE_LIBRARIES, 'user-agent', 'mcp', 'evidence', 'oauth', 'servers'],
  'src/nextcloud/container/**': [...ABOVE_LIBRARIES, 'mcp', 'evidence', 'servers'],
  'src/evidence/**': [
    'cli',
    'engine',
    'catalogue',
    'stack',
    'launch',
    'config',
    'mcp',
    'servers',
    'nextcloud',
  ],
  'src/race/**': ['cli', 'engine', 'report', 'catalogue', 'config'],
  'src/report/**': ['cli', 'engine', 'stack', 'launch', 'config', 'mcp', 'servers', 'nextcloud', 'oauth'],
  'src/race/output/**': [...ABOVE_LIBRARIES.filter((folder) => folder !== 'report'), ...BELOW_REPORTS],
  'src/config/**': ['cli', 'engine', 'report', 'stack', 'launch', 'user-agent', 'mcp'],
  'src/docs/**': ['cli', 'engine', 'report', 'stack', 'launch', 'config', 'mcp', 'user-agent', 'evidence'],
  'src/engine/**': ['cli'],
  'src/stack.ts': ['cli', 'report', 'catalogue'],
  'src/launch.ts': ['cli', 'report', 'catalogue'],
  'src/launch-image.ts': ['cli', 'report', 'catalogue'],
}

/** A check reaches the world through `ctx` only; types are exempt. */
const CHECK_FOLDERS = [
  'cli',
  'engine',
  'report',
  'stack',
  'launch',
  'config',
  'nextcloud',
  'servers',
  'user-agent',
  'evidence',
]

/** @param from `../` for files in a folder of src, `./` for files of src itself. */
function restrict(folders, from = String.raw`(\.\./)+`) {
  return {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^${from}(${folders.join('|')})(/|\\.js$)`,
            allowTypeImports: true,
            message: 'Imports point one way: see FORBIDDEN in eslint.config.js and docs/decisions/0002.',
          },
        ],
      },
    ],
  }
}

export default tseslint.config(
  {
    ignores: ['dist/**', 'examples/**', 'node_modules/**', 'nc-mcp-conformance-report/**', 'test-results/**'],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-control-regex': 'off',
      'max-lines': ['error', { max: 300, skipComments: true, skipBlankLines: true }],
      'no-console': 'error',
    },
  },
  ...Object.entries(FORBIDDEN).map(([files, folders]) => ({
    files: [files],
    rules: restrict(folders, files.includes('**') ? undefined : String.raw`\./`),
  })),
  {
    files: ['src/catalogue/*/**/*.ts'],
    rules: {
      ...restrict(CHECK_FOLDERS),
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'Checks use ctx.fetch, so that it is evidence.' },
      ],
    },
  },
  { files: ['fixtures/register-suite.ts'], rules: { 'no-empty-pattern': 'off' } },
  {
    files: ['tests/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      'no-console': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
)
