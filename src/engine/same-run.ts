import type { RunReport } from '../report/model.js'

/** A report that is known to be that of a shard. */
export type ShardReport = RunReport & { readonly shard: NonNullable<RunReport['shard']> }

interface Fact {
  readonly name: string
  /** Known also to a shard that started nothing. */
  readonly fromSettings: boolean
  /** `undefined` where the report does not know. */
  of(report: ShardReport): string | undefined
}

/** What shards of one run have in common. */
const FACTS: readonly Fact[] = [
  { name: 'the version of nc-mcp-conformance', fromSettings: true, of: ({ tool }) => tool.version },
  { name: 'the number of shards', fromSettings: true, of: ({ shard }) => String(shard.total) },
  { name: 'the planned cells', fromSettings: true, of: ({ shard }) => String(shard.plannedCells) },
  { name: 'the kind of Nextcloud', fromSettings: true, of: ({ nextcloud }) => nextcloud.kind },
  { name: 'the profile', fromSettings: true, of: ({ nextcloud }) => nextcloud.profile ?? 'none' },
  { name: 'the mutants', fromSettings: true, of: ({ mutants }) => mutants.toSorted().join(' ') },
  {
    name: 'the baseline',
    fromSettings: true,
    of: ({ baseline }) =>
      sortedText(
        (baseline?.rows ?? []).map(
          ({ check, mode, verdict, version = 'any', expires = 'never', reason }) =>
            `${check} [${mode}] ${verdict}, version ${version}, expires ${expires}: ${reason}`,
        ),
      ),
  },
  { name: 'the user agent', fromSettings: true, of: ({ userAgent }) => userAgent.kind },
  { name: 'the version of Nextcloud', fromSettings: false, of: ({ nextcloud }) => nextcloud.version },
  {
    name: 'the address of Nextcloud',
    fromSettings: false,
    // Others get a new address at every start.
    of: ({ nextcloud }) => (nextcloud.kind === 'attached' ? nextcloud.url : undefined),
  },
  {
    name: 'the apps',
    fromSettings: false,
    of: ({ nextcloud }) =>
      sortedText(Object.entries(nextcloud.apps).map(([app, version]) => `${app} ${version}`)),
  },
  {
    name: 'the kinds of servers',
    fromSettings: false,
    of: ({ targets }) =>
      sortedText(targets.map(({ mode, kind, revision }) => `${mode} ${kind}, MCP ${revision}`)),
  },
  ...(['basic', 'oauth'] as const).map((mode) => ({
    name: `the server in ${mode} mode`,
    fromSettings: false,
    of: ({ targets }: RunReport) => {
      const info = targets.find((target) => target.mode === mode)?.serverInfo
      return info && `${info.name} ${info.version}`
    },
  })),
]

function sortedText(texts: readonly string[]): string {
  return texts.toSorted().join('; ')
}

/**
 * What shows that two reports are not of one run; `undefined` when they can be. What only a started stack knows is
 * not asked of a shard that was empty.
 */
export function differingFact(
  a: ShardReport,
  b: ShardReport,
): { readonly name: string; readonly values: readonly [string, string] } | undefined {
  const started = a.results.length > 0 && b.results.length > 0
  for (const fact of FACTS) {
    if (!fact.fromSettings && !started) continue
    const [ofA, ofB] = [fact.of(a), fact.of(b)]
    if (ofA !== undefined && ofB !== undefined && ofA !== ofB) return { name: fact.name, values: [ofA, ofB] }
  }
  return undefined
}
