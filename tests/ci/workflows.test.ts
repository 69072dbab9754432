import { describe, expect, it } from 'vitest'
import { parseLine } from '../../src/cli/command.js'
import { COMMANDS } from '../../src/cli/main.js'
import { RUN_OPTIONS } from '../../src/config/schema.js'
import { valuesOfEnvironment } from '../../src/config/sources.js'
import { DATABASES, NEXTCLOUD_VERSIONS } from '../../src/nextcloud/container/options.js'
import { ACTION, commandLinesOf, STEPS, WORKFLOWS } from './workflow-files.js'

const scripts = STEPS.flatMap(([where, { run }]) => (run === undefined ? [] : [[where, run] as const]))

describe('the command lines of the workflows and of the action', () => {
  const lines = scripts.flatMap(([where, run]) => commandLinesOf(run).map((words) => [where, words] as const))

  it('are found, whatever command they are', () => {
    const commands = new Set(lines.map(([, [name]]) => name))
    expect([...commands].toSorted()).toEqual(['compare', 'merge', 'run'])
    expect(
      commandLinesOf('x || node dist/src/cli/bin.js run --a "$B c" \\\n  --d >> "$F" || code=$?'),
    ).toEqual([['run', '--a', '$B c', '--d']])
    expect(lines.map(([where]) => where)).toContain('action.yml Run')
  })

  it.each(lines)('%s: %j is one that the command line understands', async (_where, words) => {
    // What the lines of the input `args` are is the user's affair.
    const argv = words.filter((word) => word !== '${args[@]}')
    await expect(parseLine(COMMANDS, argv, '0')).resolves.toMatchObject({ kind: 'command' })
  })
})

describe('the variables of the workflows and of the action', () => {
  const variables = [...STEPS.map(([where, { env = {} }]) => [where, env] as const)]
  const names = new Set(variables.flatMap(([, env]) => Object.keys(env)))

  it('that begin with NCMC_ exist', () => {
    const ours = [...names].filter((name) => name.startsWith('NCMC_'))
    expect(ours.length).toBeGreaterThan(8)
    for (const name of ours) expect(() => valuesOfEnvironment({ [name]: 'x' })).not.toThrow()
  })

  it('are the inputs of the action under the name of their option, each of them', () => {
    const { env = {} } = ACTION.runs.steps.find(({ id }) => id === 'run') ?? {}
    const options = Object.entries(env).filter(([name]) => name.startsWith('NCMC_'))
    for (const [variable, value] of options) {
      const option = RUN_OPTIONS.find((candidate) => candidate.variable === variable)
      expect(value).toBe(`\${{ inputs.${option?.flag ?? ''} }}`)
    }
    const { version: _, artifact: __, args: ___, ...inputs } = ACTION.inputs
    expect(options.map(([, value]) => value).toSorted()).toEqual(
      Object.keys(inputs)
        .map((name) => `\${{ inputs.${name} }}`)
        .toSorted(),
    )
  })
})

describe('the matrix of container.yml', () => {
  const { jobs, env } = WORKFLOWS.get('container.yml')!

  it.each(['shard', 'merge'])('of the job %s is every Nextcloud version on every database', (job) => {
    const { matrix } = jobs[job]!.strategy!
    expect(matrix['nextcloud']).toEqual(NEXTCLOUD_VERSIONS)
    expect(matrix['database']).toEqual(DATABASES)
  })

  it('has all shards', () => {
    const total = Number(env?.['SHARDS'])
    expect(total).toBeGreaterThan(1)
    expect(jobs['shard']!.strategy!.matrix['shard']).toEqual(Array.from({ length: total }, (_, at) => at + 1))
  })

  it('names artifacts as the merging job looks for them', () => {
    const upload = jobs['shard']!.steps.find(({ uses }) => uses?.includes('upload-artifact') === true)
    const download = jobs['merge']!.steps.find((step) => step.with?.['pattern'] !== undefined)
    const pattern = String(download?.with?.['pattern'])
    expect(String(upload?.with?.['name'])).toBe(pattern.replace('*', '${{ matrix.shard }}'))
  })
})

describe('ci.yml', () => {
  it('runs .ci/run on every supported line of Node', () => {
    const { strategy, steps } = WORKFLOWS.get('ci.yml')!.jobs['ci']!
    expect(strategy?.matrix['node']).toEqual([20, 22, 24])
    expect(steps.map(({ run }) => run)).toContain('.ci/run')
  })
})

describe('the action', () => {
  it('names the versions and databases that there are', () => {
    const texts = Object.values(ACTION.inputs)
      .map(({ description }) => description)
      .join('\n')
    for (const name of [...NEXTCLOUD_VERSIONS, ...DATABASES]) expect(texts).toContain(name)
  })

  it('takes a server in every way that there is', () => {
    const ways = RUN_OPTIONS.map(({ flag }) => flag).filter((flag) =>
      /^server-(url|command|image)$/.test(flag),
    )
    expect(Object.keys(ACTION.inputs)).toEqual(expect.arrayContaining(ways))
  })

  it('has outputs of steps that exist', () => {
    const ids = new Set(ACTION.runs.steps.map(({ id }) => id))
    for (const { value } of Object.values(ACTION.outputs)) {
      const [, id, output] = /^\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}$/.exec(value) ?? []
      expect(ids).toContain(id)
      const step = ACTION.runs.steps.find((candidate) => candidate.id === id)
      expect(step?.run).toContain(`echo "${output ?? ''}=`)
    }
  })
})

/** What single jobs may do besides reading: send findings to code scanning, prove to npm which workflow publishes. */
const MORE_PERMISSIONS: Readonly<Record<string, unknown>> = {
  'codeql.yml analyze': { contents: 'read', 'security-events': 'write' },
  'release.yml release': { contents: 'read', 'id-token': 'write' },
}

describe('safety', () => {
  it('knows no job with more permissions that is not there', () => {
    const jobs = [...WORKFLOWS].flatMap(([file, workflow]) =>
      Object.keys(workflow.jobs).map((job) => `${file} ${job}`),
    )
    for (const name of Object.keys(MORE_PERMISSIONS)) expect(jobs).toContain(name)
  })

  it.each(scripts)('%s: no expression is part of a script', (_where, run) => {
    expect(run).not.toContain('${{')
  })

  it.each([...WORKFLOWS])('%s has the least permissions and bounded jobs', (file, workflow) => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(JSON.stringify(workflow.on)).not.toContain('pull_request_target')
    for (const [name, job] of Object.entries(workflow.jobs)) {
      expect(job.permissions).toEqual(MORE_PERMISSIONS[`${file} ${name}`])
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
    }
  })

  it('uses only actions of GitHub itself, by major version, and leaves no credentials in a checkout', () => {
    const used = STEPS.filter(([, { uses }]) => uses !== undefined)
    expect(used.length).toBeGreaterThan(5)
    for (const [where, { uses, ...step }] of used) {
      expect(uses, where).toMatch(
        /^(actions\/(checkout|setup-node|upload-artifact|download-artifact)|github\/codeql-action\/(init|analyze))@v\d+$/,
      )
      if (uses?.startsWith('actions/checkout@') === true)
        expect(step.with?.['persist-credentials'], where).toBe(false)
    }
  })
})

describe('release.yml', () => {
  it('publishes only what passed, under the version of its tag, with provenance and without a token', () => {
    const { steps } = WORKFLOWS.get('release.yml')!.jobs['release']!
    const runs = steps.map(({ run }) => run).filter((run) => run !== undefined)
    expect(runs.map((run) => run.split(' ', 2).join(' '))).toEqual([
      '.ci/run',
      'test "$GITHUB_REF_NAME"',
      'npm sbom',
      'npm publish',
    ])
    expect(runs.at(-1)).toContain('--provenance')
    expect(JSON.stringify(steps)).not.toMatch(/secrets\.|TOKEN/)
  })
})
