import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { baselineSchema, BASELINE_VERDICTS } from '../../src/baseline-schema.js'
import { CHECKS } from '../../src/catalogue/index.js'
import { parseLine } from '../../src/cli/command.js'
import { COMMANDS } from '../../src/cli/main.js'
import { resolveRunOptions } from '../../src/config/options.js'
import { splitWords } from '../../src/config/words.js'
import { packageVersion } from '../../src/package-root.js'
import { BASELINE_STATES } from '../../src/report/model.js'
import { REPORTERS } from '../../src/reporter-names.js'
import { TEMPLATE_NAMES } from '../../src/server-environment.js'
import { ACTION, type Workflow } from '../ci/workflow-files.js'

const page = (name: string) => readFile(`docs/${name}.md`, 'utf8')

/** Code blocks of a language. */
async function blocks(name: string, language: string): Promise<readonly string[]> {
  const found = (await page(name)).matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))
  return [...found].map(([, text = '']) => text)
}

/** Arguments of the toolkit's command lines in a text. */
function commandLines(text: string): readonly (readonly string[])[] {
  const lines = text.replaceAll(/\\\n\s*/g, ' ').split('\n')
  return lines.flatMap((line) => {
    const [, rest] = /npx (?:--yes )?nc-mcp-conformance(?:@\S+)?\s+(.*)$/.exec(line) ?? []
    return rest === undefined ? [] : [splitWords(rest.replace(/\s+#.*$/, ''), line)]
  })
}

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-pages-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

describe('docs/ci.md and docs/baseline.md', () => {
  it('hold command lines that are understood, down to the values of options', async () => {
    const texts = [
      ...(await blocks('ci', 'sh')),
      ...(await blocks('ci', 'yaml')),
      ...(await blocks('baseline', 'sh')),
    ]
    const lines = texts.flatMap(commandLines)
    expect(lines.length).toBeGreaterThanOrEqual(7)
    await writeFile(join(cwd, 'nc-mcp-conformance.baseline.json'), '{ "rows": [] }')
    for (const argv of lines) {
      const line = await parseLine(COMMANDS, argv, '0')
      if (line.kind !== 'command') throw new Error(`prints only: ${argv.join(' ')}`)
      if (line.command.name === 'run') await resolveRunOptions({ flags: line.flags, env: {}, cwd }, [])
    }
  })

  it('hold a GitHub workflow whose inputs and outputs the action has', async () => {
    const [github = ''] = await blocks('ci', 'yaml')
    const { jobs } = parseYaml(github) as Workflow
    const steps = jobs['conformance']?.steps ?? []
    const step = steps.find(({ uses }) => uses?.startsWith('nc-mcp-conformance/') === true)
    expect(step?.uses).toBe(`nc-mcp-conformance/nc-mcp-conformance@v${packageVersion()}`)
    for (const name of Object.keys(step?.with ?? {})) expect(Object.keys(ACTION.inputs)).toContain(name)
    const reporters = String(step?.with?.['reporter']).split(',')
    for (const reporter of reporters) expect(REPORTERS).toContain(reporter)
    for (const [, output = ''] of github.matchAll(/conformance\.outputs\.(\w+)/g))
      expect(Object.keys(ACTION.outputs)).toContain(output)
  })

  it('hold a GitLab job that names the files of its reporters', async () => {
    const [, gitlab = ''] = await blocks('ci', 'yaml')
    const { conformance } = parseYaml(gitlab) as {
      conformance: { script: string[]; artifacts: { reports: Record<string, string> } }
    }
    expect(conformance.script.join()).toContain('junit,gitlab')
    expect(conformance.artifacts.reports).toEqual({
      junit: 'nc-mcp-conformance-report/junit.xml',
      codequality: 'nc-mcp-conformance-report/gl-code-quality-report.json',
    })
  })

  it('hold a configuration file that a run takes, and every template', async () => {
    const [config = ''] = await blocks('ci', 'ts')
    await writeFile(join(cwd, 'nc-mcp-conformance.config.ts'), config)
    const { settings } = await resolveRunOptions({ flags: {}, env: {}, cwd }, [])
    expect(settings.targets.basic).toMatchObject({ kind: 'command', env: { NC_USER: '{{user.name}}' } })
    expect(settings.windows.startupTimeoutMs).toBe(30_000)
    const text = await page('ci')
    for (const name of TEMPLATE_NAMES) expect(text).toContain(`| \`{{${name}}}\``)
    for (const name of REPORTERS) expect(text).toContain(`| \`${name}\``)
  })

  it('hold a baseline of checks that exist, and every state and verdict', async () => {
    const [baseline = ''] = await blocks('baseline', 'json')
    const { rows } = baselineSchema.parse(JSON.parse(baseline))
    for (const { check, mode } of rows) expect(CHECKS.find(({ id }) => id === check)?.modes).toContain(mode)
    const text = await page('baseline')
    for (const state of BASELINE_STATES) expect(text).toContain(`| \`${state}\``)
    for (const verdict of BASELINE_VERDICTS) expect(text).toContain(`\`${verdict}\``)
  })
})
