import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, openTargetSession } from '../support/mcp-session.js'

/** Neither was ever a revision, nor will be. */
const NEVER_REVISIONS = ['1999-01-01', '2099-01-01'] as const
/** Revisions with Streamable HTTP and `initialize`: asked for whether the server offers them or not. */
const REVISIONS = ['2025-03-26', '2025-06-18', '2025-11-25'] as const
const REVISION_FORM = /^\d{4}-\d{2}-\d{2}$/

/** A client that is told a version which nobody speaks goes on and fails somewhere else. */
export const versionNegotiation = defineCheck({
  id: 'protocol.version-negotiation',
  suite: 'protocol',
  title: 'A version that the server speaks is agreed on as asked for; one that it does not is never echoed',
  level: 'MUST',
  source: [{ document: 'MCP-Lifecycle', clause: 'Version Negotiation' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-echoes-any-version' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const asked = async (version: string): Promise<Answer> => {
      const { status, message, sessionId } = await ctx.mcp.probe(session.url, {
        ...(session.token === undefined ? {} : { token: session.token }),
        body: initializeMessage(version),
      })
      if (sessionId !== undefined) await endSession(ctx, session.url, session.token, sessionId)
      const agreed = message?.result?.['protocolVersion']
      return { status, agreed, error: message?.error?.code }
    }
    const findings = new Findings()
    const observed: Record<string, unknown> = {}
    const offered = new Set<string>()
    for (const version of NEVER_REVISIONS) {
      const answer = await asked(version)
      observed[version] = answer.agreed ?? answer.error ?? answer.status
      const finding = judgeUnknown(version, answer)
      if (finding !== undefined) findings.add(finding)
      else if (typeof answer.agreed === 'string') offered.add(answer.agreed)
    }
    for (const version of new Set([...REVISIONS, ...offered])) {
      const { agreed, error, status } = await asked(version)
      observed[version] = agreed ?? error ?? status
      if (agreed === version || !offered.has(version)) continue
      findings.add({
        id: 'own-version-not-agreed',
        message: 'a version that the server offers itself is not agreed on when it is asked for',
        expected: version,
        observed: observed[version],
      })
    }
    if (!Object.values(observed).includes(ctx.revision)) {
      return notTestable(`positive control: the server does not agree on ${ctx.revision}`)
    }
    return judge(findings.list(), observed)
  },
})

interface Answer {
  readonly status: number
  readonly agreed: unknown
  readonly error: number | undefined
}

function judgeUnknown(version: string, { status, agreed, error }: Answer): Finding | undefined {
  if (agreed === version) {
    return {
      id: 'unknown-version-echoed',
      message: 'a version that does not exist is agreed on',
      expected: 'another version, or an error',
      observed: version,
    }
  }
  const isClean =
    agreed === undefined ? error !== undefined || (status >= 400 && status < 500) : isRevision(agreed)
  if (isClean) return undefined
  return {
    id: 'neither-version-nor-error',
    message: 'a version that does not exist is answered with neither another one nor an error',
    expected: 'another version, or an error',
    observed: `${version}: ${agreed === undefined ? `status ${status}` : JSON.stringify(agreed)}`,
  }
}

function isRevision(value: unknown): boolean {
  return typeof value === 'string' && REVISION_FORM.test(value)
}

async function endSession(
  ctx: CheckContext,
  url: string,
  token: string | undefined,
  sessionId: string,
): Promise<void> {
  await ctx.mcp.probe(url, { method: 'DELETE', sessionId, ...(token === undefined ? {} : { token }) })
}
