import { MutantSet } from '../mutant-set.js'
import { findAuthorizationServer } from './authorization-server.js'
import { basicGate } from './basic-gate.js'
import type { Gate } from './caller.js'
import { ENDPOINT_PATH, readConfiguration } from './configuration.js'
import type { OAuthConfiguration } from './configuration.js'
import { createHttpApp } from './http-app.js'
import type { Lifecycle } from './lifecycle.js'
import { Listener } from './listener.js'
import type { ServerMutant } from './mutants.js'
import { oauthGate } from './oauth-gate.js'
import { AllowedOrigins } from './origins.js'
import { OwnClient } from './own-client.js'
import { ProtectedResource, type ProtectedResourceMetadata } from './protected-resource.js'
import type { Mode, RunningServer, ServerEnv } from './server.js'
import { Sessions } from './sessions.js'
import { createJwtVerifier } from './token-verifier/jwt.js'
import { createOpaqueVerifier } from './token-verifier/opaque.js'
import { TokenVerifier } from './token-verifier/token-verifier.js'

export interface ReferenceServerOptions {
  readonly mode: Mode
  readonly env: ServerEnv
  /** Address to listen on; default 127.0.0.1. A wider one opens basic mode to everybody who can reach it. */
  readonly host?: string
  /** Default 0: a free port. */
  readonly port?: number
  readonly mutants?: readonly ServerMutant[]
  /** Gets every log line, without newline and without secrets. */
  readonly log?: (line: string) => void
  /** Called once, when the server stopped by itself (`died`) or by `stop()`. */
  readonly onExit?: (how: 'died' | 'stopped') => void
}

interface Parts {
  readonly gate: Gate
  readonly metadataAt: (path: string) => ProtectedResourceMetadata | undefined
  /** Nothing is written any more once it resolves. */
  close(): Promise<void>
}

interface Surroundings {
  readonly mutants: ReadonlySet<ServerMutant>
  readonly log: (line: string) => void
  readonly lifecycle: Lifecycle
}

/**
 * Starts a reference server in this process. It answers only when it is ready: in oauth mode after the
 * authorization server was found and the server's own client can be used.
 *
 * @throws {UsageError} `NCMC_USAGE` for a missing or contradictory variable, before anything is opened.
 * @throws {HarnessError} `NCMC_PORT_IN_USE`, `NCMC_SERVER_START`, `NCMC_OAUTH_REQUEST`.
 */
export async function startReferenceServer(options: ReferenceServerOptions): Promise<RunningServer> {
  const { mode } = options
  const mutants = new MutantSet(options.mutants)
  const isOpenToAll = options.host === undefined && mode === 'basic' && mutants.has('s-binds-all-interfaces')
  const host = isOpenToAll ? '0.0.0.0' : (options.host ?? '127.0.0.1')
  const configuration = readConfiguration(mode, options.env, mutants)
  const lines: string[] = []
  const log = (line: string): void => {
    lines.push(line)
    options.log?.(line)
  }

  const listener = await Listener.bind(host, options.port ?? 0)
  const url = `http://127.0.0.1:${String(listener.port)}${ENDPOINT_PATH}`
  const sessions = new Sessions({ mode, mutants, log })
  let parts: Parts | undefined
  let stopping: Promise<void> | undefined
  const end = (how: 'died' | 'stopped'): Promise<void> => {
    stopping ??= (async () => {
      const partsClosed = parts?.close()
      sessions.close()
      await listener.close()
      await partsClosed
      options.onExit?.(how)
    })()
    return stopping
  }
  const lifecycle: Lifecycle = {
    die(reason) {
      log(`server: stops because ${reason}`)
      void end('died')
    },
  }

  try {
    const surroundings = { mutants, log, lifecycle }
    parts =
      configuration.mode === 'basic'
        ? {
            gate: basicGate(configuration, { baseUrl: configuration.nextcloudUrl, mutants, lifecycle }),
            metadataAt: (path) =>
              path.includes('/.well-known/') && mutants.has('s-prm-in-basic')
                ? new ProtectedResource(url, configuration.nextcloudUrl, mutants).documentAt(path)
                : undefined,
            close: () => Promise.resolve(),
          }
        : await assembleOAuth(configuration, configuration.serverUrl ?? url, surroundings)
    const origins = new AllowedOrigins(listener.port, configuration.serverUrl)
    const app = createHttpApp({ ...parts, mode, sessions, origins, mutants, log })
    listener.serve((request) => app.fetch(request))
  } catch (error) {
    await end('stopped')
    throw error
  }
  log(`server: ${mode} mode, ready at ${url}`)

  const stop = (): Promise<void> => end('stopped')
  return {
    mode,
    url,
    logs: () => lines,
    hasExited: () => stopping !== undefined,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function assembleOAuth(
  configuration: OAuthConfiguration,
  resource: string,
  { mutants, log, lifecycle }: Surroundings,
): Promise<Parts> {
  const server = await findAuthorizationServer(configuration, mutants)
  const { userinfoEndpoint, introspectionEndpoint } = server
  const { acceptUnboundTokens: acceptUnbound } = configuration
  if (introspectionEndpoint === undefined) {
    log(
      `oauth: no introspection endpoint, opaque tokens are ${acceptUnbound ? 'accepted unbound' : 'refused'}`,
    )
  }
  const ownClient = await OwnClient.open({ server, configuration, resource, mutants, log })
  const onUnreachable = (): void => {
    if (mutants.has('s-dies-when-nextcloud-down')) lifecycle.die('Nextcloud is not reachable')
  }
  const verifier = new TokenVerifier({
    verifyJwt: createJwtVerifier({
      jwksUri: server.metadata.jwks_uri,
      issuer: server.issuer,
      audience: resource,
      mutants,
      onUnreachable,
    }),
    verifyOpaque: createOpaqueVerifier({
      userinfoEndpoint,
      introspectionEndpoint,
      acceptUnbound,
      client: ownClient,
      mutants,
      onUnreachable,
    }),
    mutants,
  })
  const protectedResource = new ProtectedResource(resource, server.issuer, mutants)
  const gate = oauthGate({
    verify: (token) => verifier.verify(token),
    protectedResource,
    nextcloudUrl: configuration.nextcloudUrl,
    mutants,
    lifecycle,
  })
  return {
    gate,
    metadataAt: (path) => protectedResource.documentAt(path),
    close: () => ownClient.close(),
  }
}
