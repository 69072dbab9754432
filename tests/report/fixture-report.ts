import type { Evidence, Result, RunReport, Verdict } from '../../src/report/model.js'
import { VERDICTS } from '../../src/report/model.js'

/** Texts as a hostile target would send them. */
export const HOSTILE =
  '<script>document.title="owned"</script><img src=x onerror="document.title=1"> ]]> & "quoted" \u0000\u001b[31mred | `code` </script>'

/** A transparent picture of one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export function exchange(number: number, url: string, status: number, body?: string): Evidence {
  return {
    kind: 'exchange',
    number,
    atMs: 1_764_000_000_000,
    durationMs: 11.4,
    request: {
      method: 'POST',
      url,
      headers: { authorization: 'Bearer [access_token#1a2b3c4d]', 'content-type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    },
    response: {
      status,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    },
  }
}

interface ResultInput extends Partial<Result> {
  readonly check: string
  readonly verdict: Verdict
}

export function result(input: ResultInput): Result {
  return {
    suite: 'resource-server',
    mode: 'oauth',
    level: 'MUST',
    projectRule: false,
    title: 'Tokens for another resource are refused',
    source: [{ label: 'RFC 9728 §3.3', url: 'https://www.rfc-editor.org/rfc/rfc9728.html#section-3.3' }],
    message:
      input.verdict === 'passed'
        ? 'Tokens for another resource are refused'
        : `the reason of ${input.verdict}`,
    findings: [],
    evidence: [exchange(1, 'http://127.0.0.1:8001/mcp', 401, '{"error":"invalid_token"}')],
    durationMs: 42,
    ...input,
  }
}

/** A report with every verdict, hostile texts and a screenshot. */
export function fixtureReport(): RunReport {
  const results: Result[] = [
    result({ check: 'discovery.issuer-match', suite: 'discovery', mode: 'nextcloud', verdict: 'passed' }),
    result({
      check: 'tokens.userinfo.invalid-token',
      suite: 'tokens',
      mode: 'nextcloud',
      verdict: 'known-deviation',
      findings: [
        {
          id: 'refusal-without-challenge',
          message: 'userinfo refuses without a challenge',
          expected: 401,
          observed: 400,
          knownDeviation: 'Userinfo refuses with 400. A server must treat 400 and 401 alike.',
        },
      ],
    }),
    result({
      check: 'rs.token.audience',
      verdict: 'failed',
      message: 'a token for another resource was accepted',
      findings: [
        {
          id: 'foreign-audience-accepted',
          message: 'the endpoint answered a token that was issued for https://elsewhere.example/mcp',
          expected: { status: 401, challenge: 'error="invalid_token"' },
          observed: { status: 200, body: HOSTILE },
        },
      ],
      evidence: [
        { kind: 'note', text: 'positive control: the same request with the right audience was accepted' },
        exchange(1, 'http://127.0.0.1:8001/mcp', 200, '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}'),
        exchange(2, 'http://127.0.0.1:8001/mcp?next=<script>', 200, HOSTILE),
      ],
      durationMs: 912,
    }),
    result({
      check: 'rs.token.audience',
      mode: 'basic',
      verdict: 'not-applicable',
      message: 'basic mode has no tokens',
    }),
    result({ check: 'rs.challenge.scheme', verdict: 'warning', level: 'SHOULD', message: HOSTILE }),
    result({
      check: 'tools.notes.update',
      suite: 'tools',
      mode: 'basic',
      verdict: 'passed',
      observed: { category: 'kept' },
      covers: ['clear field'],
    }),
    result({ check: 'tools.notes.update', suite: 'tools', verdict: 'passed', covers: ['clear field'] }),
    result({
      check: 'parity.tools',
      suite: 'parity',
      mode: 'both',
      verdict: 'not-testable',
      message: 'the positive control failed',
    }),
    result({
      check: 'resilience.upstream',
      suite: 'resilience',
      verdict: 'error',
      projectRule: true,
      source: [{ label: 'project: seed', url: 'https://www.npmjs.com/package/nc-mcp-conformance' }],
      evidence: [{ kind: 'screenshot', name: 'consent', file: 'consent-1.png' }],
    }),
  ]
  return {
    schemaVersion: 1,
    tool: { name: 'nc-mcp-conformance', version: '0.1.0' },
    startedAt: '2026-11-23T13:00:00.000Z',
    durationMs: 12_345,
    exitCode: 3,
    nextcloud: {
      kind: 'embedded',
      profile: 'oidc-2.0.9',
      url: 'http://127.0.0.1:40001',
      version: '32.0.2',
      apps: { oidc: '2.0.9', notes: '4.13.1' },
    },
    userAgent: { kind: 'browser', version: 'Chromium 141.0' },
    mutants: ['s-aud-unchecked'],
    logs: [{ source: 'nextcloud', lines: ['a line of the log', HOSTILE] }],
    targets: [
      {
        mode: 'basic',
        kind: 'reference',
        url: 'http://127.0.0.1:40002/mcp',
        serverInfo: { name: 'reference', version: '0.1.0' },
        revision: '2025-11-25',
      },
      { mode: 'oauth', kind: 'url', url: 'http://127.0.0.1:8001/mcp', revision: '2025-11-25' },
    ],
    tokens: [
      {
        user: 'alice',
        format: 'opaque',
        fingerprint: '[access_token#1a2b3c4d]',
        mintedBy: 'browser',
        durationMs: 640,
        evidence: [
          { kind: 'note', text: 'page 1: login http://127.0.0.1:40001/index.php/login "Login"' },
          { kind: 'screenshot', name: 'token-alice-opaque-login', file: 'login-1.png' },
        ],
      },
    ],
    results,
    staleDeviations: [
      { check: 'tokens.jwt.profile', finding: 'jti-survives-refresh', profile: 'oidc-2.0.9' },
    ],
    summary: Object.fromEntries(
      VERDICTS.map((verdict) => [verdict, results.filter((cell) => cell.verdict === verdict).length]),
    ) as RunReport['summary'],
  }
}

/** The pictures that the report names. */
export const SCREENSHOTS: ReadonlyMap<string, Uint8Array> = new Map([
  ['consent-1.png', PNG],
  ['login-1.png', PNG],
])
