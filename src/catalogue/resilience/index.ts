import type { Check } from '../check.js'
import { jwksBoundedFetch } from './jwks-bounded-fetch.js'
import { jwksRotation } from './jwks-rotation.js'
import { maintenance } from './maintenance.js'
import { manySessions } from './many-sessions.js'
import { nextcloudDown } from './nextcloud-down.js'
import { nextcloudSlow } from './nextcloud-slow.js'
import { outageNotSticky } from './outage-not-sticky.js'
import { rateLimited } from './rate-limited.js'
import { restart } from './restart.js'
import { startWhileDown } from './start-while-down.js'
import { tokenCacheBounded } from './token-cache-bounded.js'
import { validationOutage } from './validation-outage.js'

export const resilienceChecks: readonly Check[] = [
  nextcloudDown,
  nextcloudSlow,
  rateLimited,
  maintenance,
  validationOutage,
  outageNotSticky,
  jwksRotation,
  jwksBoundedFetch,
  restart,
  startWhileDown,
  tokenCacheBounded,
  manySessions,
]
