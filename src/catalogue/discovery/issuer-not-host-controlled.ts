import { wellKnownUrl } from '../../oauth/discovery.js'
import { defineCheck, judge, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { fetchDiscoveryDocument, fetchDocument } from '../support/discovery-document.js'
import { getWithHost } from '../support/host-header.js'

const FOREIGN_HOST = 'evil.example'

/** Whoever chooses the issuer of a cached or forwarded document chooses where clients log in. */
export const issuerNotHostControlled = defineCheck({
  id: 'discovery.issuer-not-host-controlled',
  suite: 'discovery',
  title: 'A visitor cannot put a host of their choice into the discovery document',
  level: 'SHOULD',
  source: [
    { document: 'project', clause: 'the issuer does not follow headers of strangers' },
    { document: 'RFC8414', clause: '6.2' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-issuer-from-forwarded-host' }],
  async run(ctx) {
    const baseUrl = await configuredAddress(ctx)
    const usual = await fetchDiscoveryDocument(ctx, baseUrl)
    const findings: Finding[] = []
    const forwarded = await fetchDocument(ctx, usual.url, {
      'x-forwarded-host': FOREIGN_HOST,
      'x-forwarded-server': FOREIGN_HOST,
      forwarded: `host=${FOREIGN_HOST}`,
    })
    if (namesForeignHost(forwarded.members)) {
      findings.push({
        id: 'issuer-from-forwarded-host',
        message: 'X-Forwarded-Host of a stranger decides what the document names',
        expected: usual.members['issuer'],
        observed: forwarded.members?.['issuer'],
      })
    }
    const hosted = await getWithHost(ctx, usual.url, FOREIGN_HOST)
    const hostedMembers = parse(hosted.text)
    if (hosted.status === 200 && namesForeignHost(hostedMembers)) {
      findings.push({
        id: 'issuer-from-foreign-host',
        message: 'any Host header decides what the document names (trusted_domains lets everything in)',
        expected: 'a refusal, or the usual issuer',
        observed: hostedMembers,
      })
    }
    return judge(findings, {
      issuer: usual.members['issuer'],
      withForwardedHost: forwarded.members?.['issuer'] ?? forwarded.status,
      withForeignHost: hosted.status,
      internal: await internalIssuer(ctx),
    })
  },
})

/** A real Nextcloud knows its own names; the embedded one of a run serves under any. */
async function configuredAddress(ctx: CheckContext): Promise<string> {
  if (ctx.nextcloud.kind !== 'embedded') return ctx.nextcloud.baseUrl
  const { nextcloud } = await ctx.privateStack({ systemConfig: { trusted_domains: ['127.0.0.1'] } })
  return nextcloud.baseUrl
}

/** The issuer under the address that servers use, where that is another one and can be reached from here. */
async function internalIssuer(ctx: CheckContext): Promise<unknown> {
  const { baseUrl, internalUrl } = ctx.nextcloud
  if (internalUrl === baseUrl) return 'the same address'
  return fetchDocument(ctx, wellKnownUrl(internalUrl)).then(
    ({ status, members }) => members?.['issuer'] ?? status,
    () => 'not reachable from here',
  )
}

function namesForeignHost(members: unknown): boolean {
  return JSON.stringify(members ?? {}).includes(FOREIGN_HOST)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
