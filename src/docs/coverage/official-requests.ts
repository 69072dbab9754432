import { covered, inPart, notCovered, type CoverageRow, type Judgement } from './row.js'

/** Something that was asked of the official conformance suite, about the authorization of servers. */
export interface OfficialRequest extends CoverageRow {
  /** Numbers of issues and pull requests. */
  readonly threads: readonly number[]
  readonly repository: 'conformance' | 'modelcontextprotocol'
}

/** Address of an issue or pull request: GitHub leads from one kind to the other. */
export function threadUrl(repository: OfficialRequest['repository'], thread: number): string {
  return `https://github.com/modelcontextprotocol/${repository}/issues/${thread}`
}

function ask(threads: readonly number[], what: string, judgement: Judgement): OfficialRequest {
  return { threads, repository: 'conformance', what, judgement }
}

const BASELINE = [116]
const AUDIENCE = [78]
/** Earlier drafts (64, 105, 106) are closed; 155 and 481 carry on what they asked for. */
const DRAFTS = [155]
const SCOPES = [480, 481]
const FALSE_PASSES = [515, 165, 505]

/** What was open in September 2026, request by request. Requests about clients are left out. */
export const OFFICIAL_REQUESTS: readonly OfficialRequest[] = [
  ask(
    BASELINE,
    'A malformed Authorization header is refused',
    covered('rs.token.malformed-header', 'rs.token.wrong-scheme'),
  ),
  ask(BASELINE, 'A garbage token is refused', covered('rs.token.tampered')),
  ask(BASELINE, 'A JWT without a signature is refused', covered('tokens.verify.alg-none')),
  ask(BASELINE, 'A JWT with alg none is refused', covered('tokens.verify.alg-none')),
  ask(BASELINE, 'A JWT that its sender signed is refused', covered('tokens.verify.foreign-key')),
  ask(
    AUDIENCE,
    'A token with another audience gets 401; servers that verify JWTs and servers that introspect',
    covered(
      'rs.token.other-audience',
      'rs.token.other-client',
      'tokens.verify.audience-exact',
      'tokens.verify.no-fallback-bypass',
    ),
  ),
  ask(
    AUDIENCE,
    'The same token with the right audience is accepted',
    covered('rs.token.other-audience', 'rs.token.other-client'),
  ),
  ask(
    DRAFTS,
    'Without a token: 401, a challenge with resource_metadata; a bad WWW-Authenticate is a failure or a warning',
    covered(
      'rs.challenge.401',
      'rs.www-authenticate.resource-metadata',
      'rs.www-authenticate.error-code',
      'rs.www-authenticate.scope',
    ),
  ),
  ask(
    DRAFTS,
    'The metadata document is found, and its resource is validated',
    covered('rs.prm.well-known-path', 'rs.prm.resource-identical', 'rs.prm.authorization-servers'),
  ),
  ask(
    DRAFTS,
    'Metadata of the authorization server',
    covered('rs.prm.authorization-servers', 'discovery.required-fields', 'discovery.pkce-s256'),
  ),
  ask(DRAFTS, 'What the server answers to invalid tokens', covered('rs.token.tampered', 'rs.token.expired')),
  ask(
    DRAFTS,
    'Registration by client ID metadata document, dynamically, or before',
    inPart(
      'client ID metadata documents, which the oidc app does not have; clients that an administrator made',
      'registration.success-fields',
      'authz.code-flow',
    ),
  ),
  ask(
    DRAFTS,
    'An authorization server of the suite, handed to the server under test in an environment variable',
    notCovered(
      'our authorization server is a Nextcloud, handed over in NEXTCLOUD_HOST; the variable of the drafts is not set',
    ),
  ),
  ask(
    [...DRAFTS, 453],
    'Run the other scenarios against a server that wants a token, without showing the token',
    covered('protocol.official.stateful'),
  ),
  ask(
    [...BASELINE, ...DRAFTS],
    'The server half of SEP-2207: offline_access is in neither scopes_supported nor the challenge',
    covered('rs.prm.scopes-supported'),
  ),
  ask(
    SCOPES,
    'Tool calls with too little scope get 403 insufficient_scope with all scopes that the call needs, and then succeed',
    covered('rs.scope.insufficient'),
  ),
  ask(
    SCOPES,
    'The same for resources, templates and prompts',
    inPart('templates other than that of a note, and prompts that need arguments', 'rs.scope.resources'),
  ),
  ask(
    SCOPES,
    'Fixed opaque tokens and fixture tools as a contract',
    notCovered('tokens are issued by the Nextcloud of the run, and the tools are those of the server'),
  ),
  ask([369, 395], 'Servers validate DPoP proofs', notCovered('an extension that the oidc app does not have')),
  ask(
    [370, 396],
    'Authorization servers issue DPoP tokens',
    notCovered('an extension that the oidc app does not have'),
  ),
  ask(
    FALSE_PASSES,
    'No pass where the fixture tool is missing or fails',
    inPart(
      'of the official scenarios only those without fixtures are run; our own checks have positive controls',
      'protocol.official.stateful',
    ),
  ),
  ask(
    [169, 226, 208],
    'Authorization servers: metadata, the code grant, and iss',
    covered(
      'discovery.oidc-document',
      'discovery.required-fields',
      'discovery.issuer-match',
      'authz.code-flow',
      'authz.iss.response',
      'tokens.response.fields',
    ),
  ),
  ask(
    [470],
    'Enterprise-managed authorization: the resource authorization server',
    notCovered('an extension that the oidc app does not have'),
  ),
  {
    threads: [3370],
    repository: 'modelcontextprotocol',
    what: 'Whether a remote server that wants tokens must refuse foreign origins, and browser clients with them',
    judgement: inPart(
      'the text as it stands is checked: foreign origins get 403; that a list lets others in is not tried',
      'rs.origin.invalid',
    ),
  },
]
