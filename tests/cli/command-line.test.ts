import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { COMMANDS } from '../../src/cli/main.js'
import { packageVersion } from '../../src/package-root.js'
import { cli } from './support.js'

describe('the command line', () => {
  it('prints its version', async () => {
    await expect(cli(['--version'])).resolves.toEqual({ code: 0, out: `${packageVersion()}\n`, err: '' })
  })

  it('prints help that names every command', async () => {
    const { code, out } = await cli(['--help'])
    expect(code).toBe(0)
    for (const { name } of COMMANDS) expect(out).toContain(`nc-mcp-conformance ${name}`)
  })

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'prints help for %s with its flags and examples',
    async (name, command) => {
      const { code, out } = await cli([name, '--help'])
      expect(code).toBe(0)
      for (const flag of command.flags) expect(out).toContain(`--${flag.name}`)
      for (const [args] of command.examples)
        expect(out.replaceAll(/\s+/g, ' ')).toContain(args.replaceAll(/\s+/g, ' '))
    },
  )

  it.each([
    [['lst'], /there is no command "lst"; did you mean list\?/],
    [['--sute', 'x'], /run: there is no flag "--sute"; did you mean --suite\?/],
    [['list', '--jsn'], /list: there is no flag "--jsn"; did you mean --json\?/],
    [['list', 'extra'], /extra/],
    [['run', '--', 'extra'], /takes no arguments/],
    [['--suite', 'discvery'], /there is no suite "discvery"; did you mean discovery\?/],
    [['list', '--suite', 'discvery'], /did you mean discovery\?/],
    [['--check', 'nowhere.at.all'], /there is no check "nowhere.at.all"/],
    [['--mode'], /--mode needs a value/],
    [['--mode', 'basic', '--mode', 'oauth'], /--mode was given 2 times/],
    [['serve'], /--mode is needed/],
    [['serve', '--mode', 'both'], /--mode cannot be "both"/],
    [['serve', '--mode', 'basic', '--port', '99999'], /--port must be a number from 0 to 65535/],
    [['serve', '--mode', 'basic', '--mutant', 's-store-064'], /did you mean s-store-0644\?/],
    [['nextcloud', '--profile', 'strct'], /did you mean strict\?/],
    [['self-test', '--mutant', 'n-code-repaly'], /did you mean n-code-replay\?/],
    [['token'], /--nextcloud <url> is needed/],
    [['token', '--nextcloud', 'http://localhost:1'], /NCMC_ALICE_PASSWORD is not set/],
    [['token', '--nextcloud', 'http://localhost:1', '--interactive'], /NCMC_NO_TERMINAL/],
    [['--report-dir', '/dev/null/x'], /--report-dir.*NCMC_REPORT_DIR/],
  ])('refuses %j with exit code 2 and one line', async (argv, message) => {
    const { code, out, err } = await cli(argv)
    expect(err).toMatch(message)
    expect(err).toMatch(/^error: .+ \[NCMC_\w+\]\n/)
    expect({ code, out }).toEqual({ code: 2, out: '' })
  })

  it('refuses secrets as flags, says where they belong, and does not repeat them', async () => {
    const { code, err } = await cli(['--alice-password', 'hunter2-hunter2'])
    expect(code).toBe(2)
    expect(err).toContain('NCMC_ALICE_PASSWORD')
    expect(err).not.toContain('hunter2')
  })
})

describe('list', () => {
  it('prints every check with level, modes, mutants and clauses', async () => {
    const { code, out } = await cli(['list'])
    expect(code).toBe(0)
    for (const { id, mutants, covers = [] } of CHECKS) {
      const line = out.split('\n').find((candidate) => candidate.startsWith(`${id} `))
      expect(line).toContain(mutants[0].id)
      for (const name of covers) expect(line).toContain(`covers "${name}"`)
    }
    expect(out).toContain(`${CHECKS.length} checks`)
  })

  it('prints JSON for programs, filtered by suite', async () => {
    const { out } = await cli(['list', '--suite', 'discovery', '--json'])
    const checks = JSON.parse(out) as { id: string; suite: string; source: { url: string }[]; page: string }[]
    expect(checks.length).toBeGreaterThan(0)
    expect(checks.every(({ suite, source }) => suite === 'discovery' && /^https:/.test(source[0]!.url))).toBe(
      true,
    )
    for (const { id, page } of checks) expect(page).toBe(`docs/checks/${id}.md`)
  })
})
