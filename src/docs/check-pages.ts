import {
  CELL_MODES,
  SUITES,
  type CellMode,
  type Check,
  type MutantLink,
  type RequirementLevel,
} from '../catalogue/check.js'
import { KNOWN_DEVIATIONS } from '../catalogue/deviations.js'
import { KNOWN_LIMITS } from '../catalogue/limits.js'
import { clauseLabel, clauseUrl } from '../catalogue/specs.js'
import { NEXTCLOUD_MUTANTS } from '../nextcloud/embedded/mutants.js'
import { CALLBACK_MUTANTS } from '../oauth/callback-mutants.js'
import { SERVER_MUTANTS } from '../servers/mutants.js'
import { CHECK_PAGES_FOLDER, checkPagePath } from './check-page-path.js'
import { NEEDS, SUITE_SUBJECTS } from './catalogue-page.js'
import type { Explanation } from './explanations/explanation.js'
import { explanationOf } from './explanations/index.js'
import { cellText, link, proseText, table } from './markdown.js'

const MADE_BY =
  '<!-- Made by `npm run docs` from src/catalogue and src/docs/explanations; a test fails when it differs. -->'
const MUTANTS = { ...NEXTCLOUD_MUTANTS, ...SERVER_MUTANTS, ...CALLBACK_MUTANTS }

const LEVELS: Readonly<Record<RequirementLevel, string>> = {
  MUST: 'MUST: whoever breaks it has `failed`',
  SHOULD: 'SHOULD: whoever breaks it gets a `warning`',
  'MAY-when-offered': 'optional, but binding for whoever offers it',
  INFO: 'for information',
}

const MODES: Readonly<Record<CellMode, string>> = {
  nextcloud: 'Nextcloud itself, apart from any server',
  basic: 'a server in `basic` mode',
  oauth: 'a server in `oauth` mode',
  both: 'the same server in both modes, side by side',
}

const WHOSE = {
  nextcloud: 'a Nextcloud (`--nextcloud` names yours)',
  server: 'a server (`--server-url`, `--server-command` or `--server-image` names yours)',
} as const

/** A page for each check and their index: path below the package's root to Markdown, before it is formatted. */
export function checkPages(checks: readonly Check[]): ReadonlyMap<string, string> {
  return new Map([
    [`${CHECK_PAGES_FOLDER}/README.md`, indexPage(checks)],
    ...checks.map((check) => [checkPagePath(check.id), checkPage(check)] as const),
  ])
}

/** What somebody needs whose server, or whose Nextcloud, fails this check. */
export function checkPage(check: Check, explanation = explanationOf(check)): string {
  return [
    `# ${cellText(check.title)}`,
    MADE_BY,
    `\`${check.id}\`, of the suite [\`${check.suite}\`](README.md#${check.suite})`,
    factsOf(check),
    ...(explanation === undefined ? [] : texts(explanation)),
    '## What proves this check',
    'A deliberate fault must turn it red, and no other check but those that it truly breaks:',
    check.mutants
      .map(({ id, profile }) => {
        const where = profile === undefined ? '' : ` (profile \`${profile}\`)`
        return `- \`${id}\`${where}: ${cellText(MUTANTS[id])}`
      })
      .join('\n'),
    ...deviations(check.id),
    '## Run only this check',
    [
      '```sh',
      `npx nc-mcp-conformance run --check ${check.id}`,
      `npx nc-mcp-conformance run --check ${check.id} ${withFault(check.mutants[0])}`,
      '```',
    ].join('\n'),
    `The first line judges ${WHOSE[check.modes.every((mode) => mode === 'nextcloud') ? 'nextcloud' : 'server']}; the second shows on the reference server or the embedded Nextcloud what a failure looks like.`,
    '',
  ].join('\n\n')
}

/** Flags that switch a fault on where it proves something. */
function withFault({ id, profile }: MutantLink): string {
  return profile === undefined ? `--mutant ${id}` : `--profile ${profile} --mutant ${id}`
}

function factsOf(check: Check): string {
  const needs = (check.needs ?? []).map((need) => NEEDS[need])
  const isProjectRule = check.source.every(({ document }) => document === 'project')
  return [
    ['level', LEVELS[check.level]],
    [
      'judges',
      CELL_MODES.filter((mode) => check.modes.includes(mode))
        .map((mode) => MODES[mode])
        .join('; '),
    ],
    ...(needs.length === 0 ? [] : [['needs', needs.join('; ')]]),
    [
      isProjectRule ? 'source (a project rule)' : 'source',
      check.source.map((ref) => link(clauseLabel(ref), clauseUrl(ref))).join('; '),
    ],
    ...(check.covers === undefined ? [] : [['also known as', check.covers.map(cellText).join('; ')]]),
  ]
    .map(([name = '', value = '']) => `- **${name}**: ${value}`)
    .join('\n')
}

function texts({ why, observed, failure, fix }: Explanation): readonly string[] {
  return [
    ['Why it matters', why],
    ['How it is observed', observed],
    ['How it usually comes to fail', failure],
    ['What to do', fix],
  ].flatMap(([title = '', text = '']) => [`## ${title}`, proseText(text)])
}

/** What is known of Nextcloud's versions; nothing when there is nothing. */
function deviations(id: string): readonly string[] {
  const known = KNOWN_DEVIATIONS.filter(({ check }) => check === id).map(
    ({ finding, profiles, userAgent, title, effect }) => [
      `\`${finding}\``,
      [...profiles, ...(userAgent === undefined ? [] : [`with the ${userAgent}`])].join(', '),
      `${cellText(title)}. ${cellText(effect)}`,
    ],
  )
  const limits = KNOWN_LIMITS.filter(({ check }) => check === id).map(({ profiles, reason }) => [
    'does not apply',
    profiles.join(', '),
    cellText(reason),
  ])
  if (known.length + limits.length === 0) return []
  return [
    "## What is known of Nextcloud's versions",
    table(['finding', 'where', 'what it does, and what it means'], [...known, ...limits]),
  ]
}

function indexPage(checks: readonly Check[]): string {
  return [
    '# What each check is about',
    MADE_BY,
    'A page for each check: its clauses, why it matters, how it is observed, how it usually comes to fail, and what to do. `nc-mcp-conformance list` prints the same checks as a table.',
    ...SUITES.flatMap((suite) => [
      `## ${suite}`,
      `About ${SUITE_SUBJECTS[suite]}.`,
      checks
        .filter((check) => check.suite === suite)
        .map(({ id, title }) => `- [${id}](${id}.md): ${cellText(title)}`)
        .join('\n'),
    ]),
    '',
  ].join('\n\n')
}
