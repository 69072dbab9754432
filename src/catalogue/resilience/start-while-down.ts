import { setTimeout as sleep } from 'node:timers/promises'
import type { NextcloudTwin } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge } from '../check.js'
import type { CheckContext, LaunchedTarget, PrivateStack } from '../context.js'
import { DEVELOPERS_TEXT } from '../support/developers-text.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { seenWithin } from '../support/seen-within.js'
import { attemptStart, type StartAttempt } from '../support/start-attempt.js'
import { lackOfTools } from '../support/tool-names.js'
import type { Mode } from '../../servers/server.js'

/** How long Nextcloud stays away after a starting server has asked it for the first time. */
const OUTAGE_MS = 1_000
const RECOVERY_MS = 5_000
const POLL_MS = 50
const LOG_SHOWN = 5

/** After a power cut everything starts at once, and Nextcloud is not the first. */
export const startWhileDown = defineCheck({
  id: 'resilience.start-while-down',
  suite: 'resilience',
  title: 'A server that starts while Nextcloud is down becomes ready by itself or ends with a plain reason',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'the start waits for Nextcloud with backoff, or fails plainly' }],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'twin', 'process'],
  mutants: [{ id: 's-start-traceback' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const mode: Mode = ctx.mode === 'basic' ? 'basic' : 'oauth'
    const lift = twin.inject({ scope: 'all', kind: 'refuse' })
    const findings = new Findings()
    let isOver = false
    const attempt = attemptStart(stack, mode, {}).finally(() => {
      isOver = true
    })
    await whenAsked(twin, () => isOver)
    // A server that waits for Nextcloud is still starting; the others have answered or ended by now.
    const early = await Promise.race([attempt, sleep(OUTAGE_MS).then(() => undefined)])
    const whileDown =
      early?.kind === 'started' ? await judgeWhileDown(ctx, findings, early.target) : undefined
    lift()
    const outcome = await attempt
    if (outcome.kind === 'started') {
      const lacking = await judgeReady(ctx, findings, stack, outcome.target)
      if (lacking !== undefined) return lacking
    } else judgeEnd(findings, outcome, ctx.windows.startupTimeoutMs)
    return judge(findings.list(), {
      outcome: outcome.kind,
      ...(outcome.kind === 'ended' ? { exitCode: outcome.exitCode } : {}),
      ...(whileDown === undefined ? {} : { whileDown }),
      log: outcome.log().slice(-LOG_SHOWN),
    })
  },
})

/** Waits until the server has asked Nextcloud for something, which it was refused, or has started or ended. */
async function whenAsked(twin: NextcloudTwin, isOver: () => boolean): Promise<void> {
  while (!isOver() && twin.requests().length === 0) await sleep(POLL_MS)
}

/** A server that listens before it knows Nextcloud: it serves nobody unchecked, and a call fails plainly. */
async function judgeWhileDown(
  ctx: CheckContext,
  findings: Findings,
  { mode, url }: LaunchedTarget,
): Promise<string> {
  const opening = await ctx.mcp
    .probe(url, { body: initializeMessage(ctx.revision), timeoutMs: ctx.windows.upstreamTimeoutMs })
    .catch(() => undefined)
  if (mode === 'oauth') {
    if (opening?.message?.result !== undefined) {
      findings.add({
        id: 'open-while-down',
        message: 'while Nextcloud is down, requests without a token are served',
        expected: '401 or 5xx',
        observed: opening.status,
      })
    }
    return `without a token: ${opening?.status ?? 'no answer'}`
  }
  if (opening?.message?.result === undefined) return `initialize: ${opening?.status ?? 'no answer'}`
  await using session = await McpSession.open(ctx, url)
  const call = await new NotesTools(session, { timeoutMs: ctx.windows.upstreamTimeoutMs })
    .search('ncmc')
    .catch(() => undefined)
  if (call !== undefined && DEVELOPERS_TEXT.test(call.text)) addTrace(findings, call.text)
  return `a call: ${call?.kind ?? 'no answer'}`
}

/** @returns the reason when the server has no tool that could be called. */
async function judgeReady(
  ctx: CheckContext,
  findings: Findings,
  stack: PrivateStack,
  { mode, url, server }: LaunchedTarget,
): ReturnType<typeof lackOfTools> {
  const token = mode === 'oauth' ? (await stack.oauth.mint('alice')).tokens.access_token : undefined
  const works = async (): Promise<string> => {
    const session = await McpSession.open(ctx, url, token)
    return (await new NotesTools(session).search('ncmc')).kind
  }
  const answer = await seenWithin(
    () => works().catch(() => 'no session'),
    (kind) => kind === 'result' || server.hasExited(),
    RECOVERY_MS,
  )
  if (answer === 'result') return undefined
  if (server.hasExited()) {
    findings.add({
      id: 'stopped-later',
      message: 'a server that started while Nextcloud was down stops at the first call',
      expected: 'it stays up and becomes ready',
      observed: 'stopped',
    })
    // Its log is complete then.
    await server.stop()
    judgeLog(findings, server.logs())
    return undefined
  }
  if (answer !== 'no session') {
    await using session = await McpSession.open(ctx, url, token)
    const lacking = await lackOfTools(session, ['searchNotes'])
    if (lacking !== undefined) return lacking
  }
  findings.add({
    id: 'never-ready',
    message: 'a server that started while Nextcloud was down does not serve calls when it is back',
    expected: `a result within ${RECOVERY_MS} ms`,
    observed: answer,
  })
  return undefined
}

function judgeEnd(
  findings: Findings,
  outcome: Exclude<StartAttempt, { kind: 'started' }>,
  startupTimeoutMs: number,
): void {
  const log = outcome.log().join('\n')
  if (outcome.kind === 'hung') {
    findings.add({
      id: 'never-ready',
      message: 'a server that starts while Nextcloud is down neither ends nor becomes ready when it is back',
      expected: `ready or ended within ${startupTimeoutMs} ms`,
      observed: log === '' ? 'silence' : 'it keeps waiting',
    })
    return
  }
  if (outcome.exitCode === 0) {
    findings.add({
      id: 'ends-as-success',
      message: 'a server that could not start for lack of Nextcloud ends as if all were well',
      expected: 'an exit code other than 0',
      observed: 0,
    })
  }
  judgeLog(findings, outcome.log())
  if (log.trim() === '') {
    findings.add({
      id: 'silent-end',
      message: 'a server that could not start for lack of Nextcloud does not say why',
      expected: 'a plain reason in its log',
      observed: 'an empty log',
    })
  }
}

function judgeLog(findings: Findings, lines: readonly string[]): void {
  const log = lines.join('\n')
  if (DEVELOPERS_TEXT.test(`\n${log}`)) addTrace(findings, log)
}

function addTrace(findings: Findings, text: string): void {
  findings.add({
    id: 'trace-shown',
    message: "that Nextcloud is down is told as a developer's trace",
    expected: 'a plain reason',
    observed: text.slice(-300),
  })
}
