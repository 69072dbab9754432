import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, LaunchOptions, PrivateStack } from '../context.js'
import { parseBearerChallenge } from '../support/challenge.js'
import { Findings } from '../support/findings.js'
import { initializeMessage } from '../support/mcp-session.js'
import { attemptStart, type StartAttempt } from '../support/start-attempt.js'

type Variable = 'NEXTCLOUD_HOST' | 'NEXTCLOUD_USERNAME' | 'NEXTCLOUD_PASSWORD'

interface WrongStart {
  readonly name: string
  readonly env: NonNullable<LaunchOptions['env']>
  /** The message must name one of them: of the pair, either tells what is wrong. */
  readonly variables: readonly Variable[]
}

const WRONG_STARTS: readonly WrongStart[] = [
  { name: 'no host', env: { NEXTCLOUD_HOST: undefined }, variables: ['NEXTCLOUD_HOST'] },
  { name: 'a host that is no URL', env: { NEXTCLOUD_HOST: 'no url' }, variables: ['NEXTCLOUD_HOST'] },
  {
    name: 'a user without a password',
    env: { NEXTCLOUD_PASSWORD: undefined },
    variables: ['NEXTCLOUD_PASSWORD', 'NEXTCLOUD_USERNAME'],
  },
  {
    name: 'a password without a user',
    env: { NEXTCLOUD_USERNAME: undefined },
    variables: ['NEXTCLOUD_USERNAME', 'NEXTCLOUD_PASSWORD'],
  },
]

/** A server that starts half-configured fails later, at a call, where nobody looks for the reason. */
export const envMissing = defineCheck({
  id: 'basic.env.missing',
  suite: 'basic-auth',
  title:
    'With a part of its configuration missing or malformed the server ends at once and names the variable',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'NEXTCLOUD_HOST, NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD are needed' },
  ],
  modes: ['basic'],
  needs: ['launch'],
  mutants: [{ id: 's-starts-half-configured' }],
  timeoutMs: 90_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const [control, ...attempts] = await Promise.all(
      [{}, ...WRONG_STARTS.map(({ env }) => env)].map((env) => attemptStart(stack, 'basic', env)),
    )
    if (control?.kind !== 'started') {
      return notTestable(`positive control: with everything set the server ${describe(control)}`)
    }
    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const [index, start] of WRONG_STARTS.entries()) {
      const attempt = attempts[index]
      if (attempt === undefined) continue
      observed[start.name] = describe(attempt)
      const finding = await judgeAttempt(ctx, stack, start, attempt)
      if (finding !== undefined) findings.add(finding)
    }
    return judge(findings.list(), observed)
  },
})

async function judgeAttempt(
  ctx: CheckContext,
  { nextcloud }: PrivateStack,
  { name, variables }: WrongStart,
  attempt: StartAttempt,
): Promise<Finding | undefined> {
  const observed = `${name}: ${describe(attempt)}`
  switch (attempt.kind) {
    case 'started': {
      const { status, headers } = await ctx.mcp.probe(attempt.target.url, {
        body: initializeMessage(ctx.revision),
      })
      const isOAuth = parseBearerChallenge(headers.get('www-authenticate')) !== undefined
      if (!isOAuth) {
        return {
          id: 'starts-half-configured',
          message: 'the server starts without what it needs',
          expected: 'an exit code other than 0',
          observed: `${observed}, initialize is answered with ${status}`,
        }
      }
      if (attempt.log().some((line) => /oauth/i.test(line))) {
        ctx.note(`${name}: the server starts in OAuth mode and says so in its log`)
        return undefined
      }
      return {
        id: 'mode-changed-silently',
        message: 'the server starts in OAuth mode without a word',
        expected: 'an exit code other than 0, or a log line that says so',
        observed,
      }
    }
    case 'hung':
      return {
        id: 'neither-serves-nor-ends',
        message: 'the server neither answers nor ends',
        expected: `an end within ${ctx.windows.startupTimeoutMs} ms`,
        observed,
      }
    case 'ended': {
      if (attempt.exitCode === 0) {
        return {
          id: 'ends-as-if-well',
          message: 'the server ends with exit code 0',
          expected: 'another exit code',
          observed,
        }
      }
      const text = attempt.log().join('\n')
      if (variables.some((variable) => text.includes(variable))) return undefined
      return {
        id: 'variable-not-named',
        message: 'the message does not name the variable',
        expected: variables,
        observed: `${observed}: ${text.replaceAll(nextcloud.users.alice.password, '[password]').slice(-500)}`,
      }
    }
  }
}

function describe(attempt: StartAttempt | undefined): string {
  switch (attempt?.kind) {
    case 'started':
      return 'starts'
    case 'ended':
      return `ends with exit code ${attempt.exitCode ?? 'none'}`
    case 'hung':
      return 'neither answers nor ends'
    case undefined:
      return 'was not started'
  }
}
