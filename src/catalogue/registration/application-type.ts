import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { countRegistrations, isRegistration, REGISTERS_NOTHING } from '../support/own-client.js'

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

interface Registered {
  readonly deployment: string
  readonly applicationType: unknown
  readonly redirectUris: readonly string[]
}

/** Without it an OpenID provider takes a client for a web one and may refuse its loopback redirects. */
export const applicationType = defineCheck({
  id: 'registration.application-type',
  suite: 'registration',
  title: 'The server registers with an application_type that fits its redirect URI',
  level: 'SHOULD',
  source: [
    { document: 'project', clause: 'application_type is sent and fits the redirect URI' },
    { document: 'MCP-Client-Registration', clause: 'Application Type and Redirect URI Constraints' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-no-application-type' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const registered: Registered[] = []
    for (const [deployment, env] of [
      ['on this machine', {}],
      ['at a public address', { NEXTCLOUD_MCP_SERVER_URL: 'https://mcp.example.com' }],
    ] as const) {
      twin.clearRequests()
      const { server } = await stack.launch('oauth', { env })
      await server.stop()
      if (countRegistrations(twin.requests()) === 0) return REGISTERS_NOTHING
      for (const { registration } of twin.requests().filter(isRegistration)) {
        if (registration === undefined) return notTestable('a registration is no JSON object')
        const uris = registration['redirect_uris']
        registered.push({
          deployment,
          applicationType: registration['application_type'],
          redirectUris: Array.isArray(uris) ? uris.map(String) : [],
        })
      }
    }
    return judge(judgeTypes(registered), registered)
  },
})

function judgeTypes(registered: readonly Registered[]): Finding[] {
  const missing = registered.filter(({ applicationType }) => applicationType === undefined)
  const unfit = registered.filter(
    (client) => client.applicationType !== undefined && client.applicationType !== fittingType(client),
  )
  const findings: Finding[] = []
  if (missing.length > 0) {
    findings.push({
      id: 'application-type-missing',
      message: 'the registration request has no application_type',
      expected: missing.map(fittingType),
      observed: missing,
    })
  }
  if (unfit.length > 0) {
    findings.push({
      id: 'application-type-unfit',
      message: 'the application_type does not fit the redirect URI',
      expected: unfit.map(fittingType),
      observed: unfit,
    })
  }
  return findings
}

/** `native` for redirects to this machine and for private schemes, `web` for a host on the network. */
function fittingType({ redirectUris }: Registered): 'native' | 'web' {
  const isNative = redirectUris.every((uri) => {
    if (!URL.canParse(uri)) return false
    const { protocol, hostname } = new URL(uri)
    return !/^https?:$/.test(protocol) || LOOPBACK.test(hostname)
  })
  return isNative ? 'native' : 'web'
}
