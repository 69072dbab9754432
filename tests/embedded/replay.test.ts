import { beforeAll, describe, expect, it } from 'vitest'
import type { Difference } from './replay-compare.js'
import { EXCLUSIONS, type Exclusion } from './replay-exclusions.js'
import { playScenario, type Scenario } from './replay-player.js'
import { readRecording, recordingFiles } from './replay-recording.js'

const AFTER_03 = ['oidc-2.0.9/03-login-consent-code.json']
const AFTER_03_OLD = ['oidc-1.9.0/03-login-consent-code.json']

const SCENARIOS: readonly Scenario[] = [
  { file: 'oidc-2.0.9/01-discovery.json' },
  { file: 'oidc-2.0.9/02-registration.json' },
  { file: 'oidc-2.0.9/03-login-consent-code.json' },
  { file: 'oidc-2.0.9/04-authorize-errors.json', after: AFTER_03 },
  { file: 'oidc-2.0.9/05-consent.json', options: { consent: true } },
  { file: 'oidc-2.0.9/06-userinfo-introspection.json', after: AFTER_03 },
  { file: 'oidc-2.0.9/07-bearer-on-apis.json', after: AFTER_03 },
  {
    file: 'oidc-2.0.9/07-bearer-on-apis.app_api-patched.json',
    options: { sessionFlagPatch: true },
    after: AFTER_03,
    tokensLike: 'oidc-2.0.9/07-bearer-on-apis.json',
  },
  { file: 'oidc-2.0.9/08-notes.json', waitSeconds: { all: 1 } },
  { file: 'oidc-2.0.9/10-caldav.json' },
  { file: 'oidc-2.0.9/09-webdav.json', after: ['oidc-2.0.9/08-notes.json'] },
  {
    file: 'oidc-2.0.9/11-expiry.json',
    options: { oidcConfig: { client_expire_time: '10', expire_time: '5' } },
    waitSeconds: { 8: 14 },
  },
  { file: 'oidc-2.0.9/12-throttle.json', options: { rateLimit: true, bruteForceProtection: true } },
  { file: 'oidc-2.0.9/13-tables.json', waitSeconds: { 1: 82, 3: 1, 6: 1, 13: 3 } },
  {
    file: 'oidc-2.0.9/14-deck.json',
    waitSeconds: { 1: 91, 12: 5, 16: 1, 17: 1, 19: 1, 22: 1, 29: 3, 31: 1 },
  },
  { file: 'oidc-2.0.9/15-carddav.json' },
  { file: 'oidc-2.0.9/16-login-flow-v2.json' },
  {
    file: 'oidc-2.0.9/17-webdav-conditions.json',
    files: { 'Deck/Nextcloud sample image - add your image here!.jpg': 192_699, 'Notes/': 0 },
  },
  { file: 'oidc-2.0.9/18-refresh.json' },
  { file: 'oidc-1.9.0/01-discovery.json' },
  { file: 'oidc-1.9.0/02-registration.json' },
  { file: 'oidc-1.9.0/03-login-consent-code.json' },
  {
    file: 'oidc-1.9.0/04-authorize-errors.json',
    after: AFTER_03_OLD,
    // The client and the session of another take of 03.
    standsFor: { HQeVwKHhqlUy: 'McVcvkjvkNJw', d5qhcr57av8n: 'k7l5fefrusa2' },
  },
  { file: 'oidc-1.9.0/05-consent.json', options: { consent: true } },
  {
    file: 'oidc-1.9.0/06-userinfo-introspection.json',
    after: AFTER_03_OLD,
    // Both tokens, the client and the session of another take of 03.
    standsFor: {
      ritXRyMqDb1T: 'OCCrBVaIC7A9',
      ROVxiMlDBTji: 'lnIEQnmqNdoq',
      DJh6zNJGtV8U: 'McVcvkjvkNJw',
      q52g4smg0nmi: 'k7l5fefrusa2',
    },
  },
  { file: 'oidc-1.9.0/07-bearer-on-apis.json', after: AFTER_03_OLD },
  {
    file: 'oidc-1.9.0/11-expiry.json',
    options: { oidcConfig: { client_expire_time: '10', expire_time: '5' } },
    waitSeconds: { 8: 14 },
  },
  { file: 'oidc-1.9.0/18-refresh.json' },
]

const used = new Set<Exclusion>()

function isExcluded(file: string, step: string, difference: Difference): boolean {
  const exclusion = EXCLUSIONS.find(
    (each) => each.file.test(file) && each.step.test(step) && each.path.test(difference.path),
  )
  if (exclusion !== undefined) used.add(exclusion)
  return exclusion !== undefined
}

describe.each(SCENARIOS)('the recording $file', (scenario) => {
  const steps = readRecording(scenario.file).map(({ name }, index) => ({ name, index }))
  let differences: Difference[][] = []

  beforeAll(async () => {
    differences = await playScenario(scenario)
  })

  it.each(steps)('is answered alike at step $index, $name', ({ name, index }) => {
    const unexpected = differences[index]?.filter((each) => !isExcluded(scenario.file, name, each))
    expect(unexpected).toEqual([])
  })
})

describe('the set of recordings', () => {
  it('is replayed as a whole', () => {
    expect(recordingFiles()).toEqual(SCENARIOS.map(({ file }) => file).sort())
  })

  it('needs every exclusion', () => {
    expect(EXCLUSIONS.filter((each) => !used.has(each)).map(({ reason }) => reason)).toEqual([])
  })
})
