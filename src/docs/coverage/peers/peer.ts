import type { CoverageRow, Judgement } from '../row.js'

/** Short names of the peers, as the rows use them, to what they stand for. */
export const PEERS: Readonly<Record<string, string>> = {
  CF: '@modelcontextprotocol/conformance 0.1.16 and 0.2.0-alpha.12; with `#`: an issue or pull request of its repository',
  MJ: '@mcpjam/cli 3.29.0',
  MO: 'mcp-oauth-compliance 0.2.1',
  AP: 'authprobe (February 2026)',
  AL: 'mcp-authlab 0.2.1',
  AT: 'mcp-attest 1.2.0',
  SM: 'studiomeyer mcp-protocol-conformance 0.2.1',
  JX: 'Janix mcp-validator (July 2025)',
  OF: 'OpenID Foundation conformance suite (August 2026)',
  SD: 'the tests of nextcloud-mcp-server (August 2026)',
  KT: "Kiell Tampubolon's harness",
  RZ: 'reizan-mcpcheck',
  AU: 'mcp-audprobe',
  authgent: 'authgent lint',
}

/** A check that at least one peer has, or that was proposed there. */
export interface PeerCheck extends CoverageRow {
  /** The names that peers give it: `peer:id`, comma-separated; `…` stands for a part that is left out. */
  readonly names: string
}

export interface PeerGroup {
  readonly title: string
  readonly checks: readonly PeerCheck[]
}

/** A row of the list. */
export function peer(what: string, names: string, judgement: Judgement): PeerCheck {
  return { what, names, judgement }
}
