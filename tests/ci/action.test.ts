import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { renderJson } from '../../src/report/json.js'
import { fixtureReport } from '../report/fixture-report.js'
import { ACTION } from './workflow-files.js'

let folder: string
let workspace: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ncmc-action-'))
  workspace = join(folder, 'workspace')
  for (const name of ['bin', 'workspace', 'temp']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'report.json'), renderJson(fixtureReport()))
  await standIn('npm', NPM)
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Stands in for npm: "installs" commands that write down how they were called. */
const NPM = `#!/usr/bin/env bash
set -eu
printf '%s\\n' "$@" > "$CALLS/npm"
mkdir -p "$FOLDER/node_modules/.bin"
cp "$CALLS/bin/toolkit" "$FOLDER/node_modules/.bin/nc-mcp-conformance"
`

/** Stands in for the toolkit: ends with the code of the test, and leaves a report unless that is 2. */
const toolkit = (code: number): string => `#!/usr/bin/env bash
set -eu
printf '%s\\n' "$@" > "$CALLS/arguments"
env -0 | grep -z '^NCMC_' > "$CALLS/variables" || true
if [ ${code} -ne 2 ]; then
  mkdir -p -- "$NCMC_REPORT_DIR"
  cp "$CALLS/report.json" "$NCMC_REPORT_DIR/report.json"
  echo '# MCP conformance' > "$NCMC_REPORT_DIR/summary.md"
  case ",$NCMC_REPORTER," in *,sarif,*) echo '{}' > "$NCMC_REPORT_DIR/report.sarif" ;; esac
fi
exit ${code}
`

async function standIn(name: string, text: string): Promise<void> {
  await writeFile(join(folder, 'bin', name), text)
  await chmod(join(folder, 'bin', name), 0o755)
}

interface ActionRun {
  /** Exit code of the first step that failed, 0 without one. */
  readonly code: number
  /** Outputs by step id. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly stepSummary: string
  read(name: 'npm' | 'arguments' | 'variables'): Promise<string>
}

/** Runs the scripts of the action as the runner does, but for the browser. */
async function runAction(inputs: Readonly<Record<string, string>>, exitCode = 0): Promise<ActionRun> {
  await standIn('toolkit', toolkit(exitCode))
  const outputs: Record<string, Record<string, string>> = {}
  const valueOf = (expression: string): string => {
    const [, input] = /^inputs\.([\w-]+)$/.exec(expression) ?? []
    if (input !== undefined) return inputs[input] ?? ACTION.inputs[input]?.default ?? ''
    const [, id = '', output = ''] = /^steps\.(\w+)\.outputs\.([\w-]+)$/.exec(expression) ?? []
    if (id !== '') return outputs[id]?.[output] ?? ''
    if (expression === 'runner.temp') return join(folder, 'temp')
    throw new Error(`what is ${expression}?`)
  }
  const summaryFile = join(folder, 'step-summary')
  await writeFile(summaryFile, '')
  let code = 0
  for (const { id = 'none', env = {}, run, name } of ACTION.runs.steps) {
    if (run === undefined || name === 'Install the browser' || code !== 0) continue
    const outputFile = join(folder, `output-${id}`)
    await writeFile(outputFile, '')
    const values = Object.entries(env).map(([variable, text]) => [
      variable,
      String(text).replaceAll(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => valueOf(expression)),
    ])
    const script = join(folder, 'script.sh')
    await writeFile(script, run)
    const { status, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: workspace,
      encoding: 'utf8',
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
        CALLS: folder,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        ...Object.fromEntries(values),
      },
    })
    code = status ?? 1
    if (code !== 0 && name !== 'Verdict') throw new Error(`${name ?? ''} failed: ${stderr}`)
    const lines = (await readFile(outputFile, 'utf8')).split('\n').filter((line) => line !== '')
    outputs[id] = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s) as [string, string]))
  }
  return {
    code,
    outputs,
    stepSummary: await readFile(summaryFile, 'utf8'),
    read: (name) => readFile(join(folder, name), 'utf8'),
  }
}

describe('the action', () => {
  it('installs the version, runs with the inputs as variables, and reports', async () => {
    const run = await runAction({
      version: '0.1.0',
      mode: 'oauth',
      'server-command': 'node s.js --port {port}',
    })
    expect(run.code).toBe(0)
    expect((await run.read('npm')).split('\n')).toContain('nc-mcp-conformance@0.1.0')
    await expect(run.read('arguments')).resolves.toBe('run\n')
    const variables = (await run.read('variables')).split('\0')
    expect(variables).toContain('NCMC_MODE=oauth')
    expect(variables).toContain('NCMC_SERVER_COMMAND=node s.js --port {port}')
    // Empty variables count as absent: the configuration file decides.
    expect(variables).toContain('NCMC_NEXTCLOUD=')
    expect(variables).toContain('NCMC_USER_AGENT=')
    expect(run.outputs['run']).toEqual({ 'exit-code': '0' })
    expect(JSON.parse(run.outputs['summary']?.['summary'] ?? '')).toEqual(fixtureReport().summary)
    // The toolkit writes it.
    expect(run.stepSummary).toBe('')
    expect(run.outputs['summary']).toEqual({
      summary: expect.any(String),
      report: 'nc-mcp-conformance-report/report.json',
    })
  })

  it('says where the reports are that were written', async () => {
    const run = await runAction({ reporter: 'junit,sarif', baseline: 'b.json', 'report-dir': 'a b' })
    expect(run.outputs['summary']).toMatchObject({ report: 'a b/report.json', sarif: 'a b/report.sarif' })
    expect(run.outputs['summary']).not.toHaveProperty('badge')
    const variables = (await run.read('variables')).split('\0')
    expect(variables).toEqual(expect.arrayContaining(['NCMC_REPORTER=junit,sarif', 'NCMC_BASELINE=b.json']))
  })

  it('hands on one flag a line, whatever is in it', async () => {
    const run = await runAction({ args: '--suite=tools\r\n\n--check=a b; $(touch owned) `id` "x" *\n' })
    expect((await run.read('arguments')).split('\n').slice(0, -1)).toEqual([
      'run',
      '--suite=tools',
      '--check=a b; $(touch owned) `id` "x" *',
    ])
  })

  it('runs nothing that is in an input', async () => {
    const hostile = '$(touch owned)`touch owned`";touch owned;"\'\ntouch owned'
    const inputs = Object.keys(ACTION.inputs).map((name): [string, string] => [name, hostile])
    const run = await runAction({ ...Object.fromEntries(inputs), 'report-dir': 'a $(touch owned) b' })
    expect(run.code).toBe(0)
    await expect(readdir(workspace)).resolves.toEqual(['a $(touch owned) b'])
  })

  it.each([1, 3])('ends with the exit code %i of the run, after reporting', async (exitCode) => {
    const run = await runAction({}, exitCode)
    expect(run.code).toBe(exitCode)
    expect(run.outputs['run']).toEqual({ 'exit-code': String(exitCode) })
    expect(run.outputs['summary']).toHaveProperty('summary')
  })

  it('does not take an older report for that of a run that left none', async () => {
    const old = join(workspace, 'nc-mcp-conformance-report')
    await mkdir(old)
    await writeFile(join(old, 'report.json'), renderJson(fixtureReport()))
    await utimes(join(old, 'report.json'), new Date(0), new Date(0))
    const run = await runAction({}, 2)
    expect(run.code).toBe(2)
    expect(run.outputs['summary']).toEqual({})
    expect(run.stepSummary).toBe('')
  })
})
