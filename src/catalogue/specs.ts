/**
 * Every document that a check may cite: its title and how a clause becomes a link. Clause numbers live here
 * and in the checks' `source`, nowhere else.
 */
export const DOCUMENTS = {
  RFC4791: { title: 'Calendaring Extensions to WebDAV (CalDAV)', url: rfc(4791) },
  RFC5545: { title: 'iCalendar', url: rfc(5545) },
  RFC6585: { title: 'Additional HTTP Status Codes', url: rfc(6585) },
  RFC6749: { title: 'The OAuth 2.0 Authorization Framework', url: rfc(6749) },
  RFC6750: { title: 'Bearer Token Usage', url: rfc(6750) },
  RFC7009: { title: 'Token Revocation', url: rfc(7009) },
  RFC7517: { title: 'JSON Web Key (JWK)', url: rfc(7517) },
  RFC7518: { title: 'JSON Web Algorithms (JWA)', url: rfc(7518) },
  RFC7519: { title: 'JSON Web Token', url: rfc(7519) },
  RFC7591: { title: 'Dynamic Client Registration', url: rfc(7591) },
  RFC7592: { title: 'Dynamic Client Registration Management', url: rfc(7592) },
  RFC7617: { title: 'The Basic HTTP Authentication Scheme', url: rfc(7617) },
  RFC7636: { title: 'Proof Key for Code Exchange', url: rfc(7636) },
  RFC7662: { title: 'Token Introspection', url: rfc(7662) },
  RFC8252: { title: 'OAuth 2.0 for Native Apps', url: rfc(8252) },
  RFC8259: { title: 'The JavaScript Object Notation (JSON) Data Interchange Format', url: rfc(8259) },
  RFC8414: { title: 'Authorization Server Metadata', url: rfc(8414) },
  RFC8707: { title: 'Resource Indicators', url: rfc(8707) },
  RFC8725: { title: 'JSON Web Token Best Current Practices', url: rfc(8725) },
  RFC9068: { title: 'JWT Profile for Access Tokens', url: rfc(9068) },
  RFC9110: { title: 'HTTP Semantics', url: rfc(9110) },
  RFC9207: { title: 'Authorization Server Issuer Identification', url: rfc(9207) },
  RFC9700: { title: 'OAuth 2.0 Security Best Current Practice', url: rfc(9700) },
  RFC9728: { title: 'Protected Resource Metadata', url: rfc(9728) },
  'OAuth2.1': {
    title: 'OAuth 2.1 draft 13',
    url: (clause: string) =>
      `https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1-13#section-${clause}`,
  },
  'OIDC-Core': {
    title: 'OpenID Connect Core 1.0',
    url: () => 'https://openid.net/specs/openid-connect-core-1_0.html',
  },
  'OIDC-Discovery': {
    title: 'OpenID Connect Discovery 1.0',
    url: () => 'https://openid.net/specs/openid-connect-discovery-1_0.html',
  },
  'MCP-Authorization': { title: 'MCP: Authorization', url: mcpPage('basic/authorization') },
  'MCP-Client-Registration': {
    title: 'MCP 2026-07-28: Client Registration',
    url: mcpPage('basic/authorization/client-registration', '2026-07-28'),
  },
  'MCP-Transport': { title: 'MCP: Transports', url: mcpPage('basic/transports') },
  'MCP-Lifecycle': { title: 'MCP: Lifecycle', url: mcpPage('basic/lifecycle') },
  'MCP-Cancellation': { title: 'MCP: Cancellation', url: mcpPage('basic/utilities/cancellation') },
  'MCP-Tools': { title: 'MCP: Tools', url: mcpPage('server/tools') },
  'MCP-Base': { title: 'MCP: Base Protocol', url: mcpPage('basic') },
  'MCP-Pagination': { title: 'MCP: Pagination', url: mcpPage('server/utilities/pagination') },
  'MCP-Security': { title: 'MCP: Security Best Practices', url: mcpPage('basic/security_best_practices') },
  'MCP-Conformance': {
    title: 'Official MCP conformance suite',
    url: () => 'https://github.com/modelcontextprotocol/conformance',
  },
  project: {
    title: 'Project rule of nc-mcp-conformance',
    url: () => 'https://www.npmjs.com/package/nc-mcp-conformance',
  },
} as const satisfies Record<string, { title: string; url: (clause: string) => string }>

export type DocumentId = keyof typeof DOCUMENTS

/** One cited clause. `clause` is a section number for RFCs, a heading for MCP pages, free text for `project`. */
export interface ClauseRef {
  readonly document: DocumentId
  readonly clause: string
}

/** Link to a cited clause. */
export function clauseUrl(ref: ClauseRef): string {
  return DOCUMENTS[ref.document].url(ref.clause)
}

/** Short form for tables, e.g. `RFC 9728 §3.3` or `project: seed`. */
export function clauseLabel(ref: ClauseRef): string {
  if (ref.document === 'project') return `project: ${ref.clause}`
  const document = ref.document.replace(/^RFC(\d+)$/, 'RFC $1')
  return /^[\dA-Z][\d.]*$/.test(ref.clause) ? `${document} §${ref.clause}` : `${document}, ${ref.clause}`
}

function rfc(number: number): (clause: string) => string {
  return (clause) => `https://www.rfc-editor.org/rfc/rfc${number}.html#section-${clause}`
}

/** From a heading on a page of the MCP specification to its address; `page` is its path below the revision. */
export function mcpPage(page: string, revision = '2025-11-25'): (clause: string) => string {
  return (clause) =>
    `https://modelcontextprotocol.io/specification/${revision}/${page}#${clause
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')}`
}
