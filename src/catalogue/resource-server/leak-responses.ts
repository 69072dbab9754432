import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, LaunchedTarget, PrivateStack } from '../context.js'
import { Findings } from '../support/findings.js'
import { breakSignature } from '../support/jwt.js'
import { responsesOf, scanForLeaks, type KnownSecret } from '../support/leak-scan.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { TOOL_NAMES } from '../support/tool-names.js'
import { presentToken } from '../support/token-probe.js'

const MISSING_NOTE_ID = 999_999

/** What a server answers ends up in transcripts of models, in logs and in bug reports. */
export const leakResponses = defineCheck({
  id: 'rs.leak.responses',
  suite: 'resource-server',
  title: 'No answer holds a token, a client secret, a password, a stack trace or a file path',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Theft' },
    { document: 'OAuth2.1', clause: '7.1' },
    { document: 'project', clause: 'errors tell nothing that only the operator should know' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-token-in-error' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const folder = await stack.temporaryFolder()
    const target = await stack.launch('oauth', { folder })
    const sent = await provokeErrors(ctx, stack, target)
    await nextTurn()
    const responses = responsesOf(ctx, target.url)
    if (!sent.refused) return notTestable('positive control: none of the bad tokens is refused')

    const findings = new Findings()
    scanForLeaks(
      findings,
      responses,
      [
        ...sent.tokens.map((value) => ({ kind: 'token', value })),
        ...Object.values(stack.nextcloud.users).map(({ password }) => ({
          kind: 'password',
          value: password,
        })),
        ...(await clientSecrets(ctx, folder)),
      ],
      'response',
    )
    return judge(findings.list(), { responsesScanned: responses.length })
  },
})

/** Makes the server say no in as many ways as it can. Returns every token that was sent. */
async function provokeErrors(
  ctx: CheckContext,
  stack: PrivateStack,
  { url }: LaunchedTarget,
): Promise<{ readonly tokens: readonly string[]; readonly refused: boolean }> {
  const { oauth, nextcloud } = stack
  const [opaque, jwt] = await Promise.all([
    oauth.mint('alice', { format: 'opaque' }),
    oauth.mint('alice', { format: 'jwt' }),
  ])
  const usual = (ctx.tokenFormats[0] === 'jwt' ? jwt : opaque).tokens.access_token
  const good = [opaque.tokens.access_token, jwt.tokens.access_token]
  const bad = [
    randomBytes(54).toString('base64url'),
    breakSignature(jwt.tokens.access_token),
    `${opaque.tokens.access_token}x`,
  ]
  const headers = [
    'Bearer',
    `Bearer ${bad[0] ?? ''} ${bad[0] ?? ''}`,
    `Basic ${bad[0] ?? ''}`,
    `Bearer "${bad[0] ?? ''}"`,
  ]
  for (const token of bad) ctx.secret('access_token', token)
  const body = initializeMessage(ctx.revision)
  const receptions = await Promise.all(bad.map((token) => presentToken(ctx, url, token)))
  await Promise.all(headers.map((authorization) => ctx.mcp.probe(url, { authorization, body })))

  await using session = await McpSession.open(ctx, url, usual)
  const calls = async (): Promise<void> => {
    const tools = new NotesTools(session)
    await Promise.all([
      tools.get(MISSING_NOTE_ID),
      tools.search('nothing'),
      session.callTool(TOOL_NAMES.getNote, { note_id: 'not a number' }),
      session.callTool('no_such_tool', {}),
      session.request('resources/read', { uri: 'nc://no/such/resource' }),
      session.request('resources/read', { uri: 'nc://capabilities' }),
      session.request('no/such/method'),
      session.send({ body: '{"jsonrpc": "2.0", "id": ' }),
      session.send({ body: { jsonrpc: '2.0', method: 1 } }),
    ])
  }
  await calls()
  await nextcloud.twin.suspend()
  await Promise.all([
    calls(),
    ...bad.map((token) => presentToken(ctx, url, token)),
    presentToken(ctx, url, good[1] ?? ''),
  ])
  await nextcloud.twin.resume()
  return { tokens: [...good, ...bad], refused: receptions.includes('refused') }
}

/** Secrets in the files that the server keeps in its folder, as far as they can be read. */
async function clientSecrets(ctx: CheckContext, folder: string): Promise<KnownSecret[]> {
  const found: KnownSecret[] = []
  for (const name of await readdir(folder)) {
    const content = await readFile(join(folder, name), 'utf8').catch(() => '')
    for (const [, kind = '', value = ''] of content.matchAll(
      /"(client_secret|registration_access_token)"\s*:\s*"([^"]+)"/g,
    )) {
      ctx.secret(kind, value)
      found.push({ kind: kind.replaceAll('_', '-'), value })
    }
  }
  return found
}
