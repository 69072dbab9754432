import { authorizationGroup } from './authorization.js'
import { challengeGroup } from './challenge.js'
import type { PeerGroup } from './peer.js'
import { registrationGroup } from './registration.js'
import { resourceMetadataGroup } from './resource-metadata.js'
import { resourceServerGroup } from './resource-server.js'
import { serverMetadataGroup } from './server-metadata.js'
import { tokenEndpointGroup } from './token-endpoint.js'
import { tokensGroup } from './tokens.js'

/**
 * The authorization checks of the peers, without duplicates, as they were found in their sources and runs in
 * November 2026: 115 in eight groups. The page numbers them in this order.
 */
export const PEER_GROUPS: readonly PeerGroup[] = [
  challengeGroup,
  resourceMetadataGroup,
  serverMetadataGroup,
  registrationGroup,
  authorizationGroup,
  tokenEndpointGroup,
  tokensGroup,
  resourceServerGroup,
]
