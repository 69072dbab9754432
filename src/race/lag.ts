import type { Delay } from '../nextcloud/embedded/consistency.js'

/** A number for the distribution: its median. */
export function typicalMs(lag: Delay): number {
  if (typeof lag === 'number') return lag
  switch (lag.kind) {
    case 'constant':
      return lag.ms
    case 'uniform':
      return (lag.minMs + lag.maxMs) / 2
    case 'log-normal':
      return lag.medianMs
  }
}
