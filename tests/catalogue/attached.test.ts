import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { withRun } from './support/handle.js'

/** It waits between its rounds where a rate limit may be on. */
const PACED = 'race.first-use.authorize'

describe('an attached Nextcloud', () => {
  it('is judged without changing anything but clients and consents of its own', async () => {
    await using nextcloud = await startEmbeddedNextcloud({
      systemConfig: { trusted_domains: ['127.0.0.1'] },
    })
    const attached = { url: nextcloud.baseUrl, users: nextcloud.users }
    await withRun({ attached, modes: ['oauth'] }, async ({ cell }) => {
      const checks = CHECKS.filter(({ id, modes }) => modes.includes('nextcloud') && id !== PACED)
      for (const { id, needs = [] } of checks) {
        const { verdict, message, outOfReach } = await cell(id, 'nextcloud')
        const isOnOursOnly = needs.includes('nextcloud-admin') || needs.includes('twin')
        const expected = isOnOursOnly ? ['not-testable'] : ['passed', 'known-deviation', 'not-applicable']
        expect(expected, `${id}: ${message}`).toContain(verdict)
        expect(outOfReach, id).toBe(isOnOursOnly ? true : undefined)
      }
    })
  })

  it('names what cannot be tested there instead of leaving it out', async () => {
    await using nextcloud = await startEmbeddedNextcloud({ profile: 'strict' })
    const attached = { url: nextcloud.baseUrl, users: nextcloud.users }
    await withRun({ attached, profile: 'strict', modes: ['oauth'] }, async ({ cell }) => {
      expect((await cell('tokens.userinfo.invalid-token', 'nextcloud')).observed).toMatchObject({
        skipped: ['expired token', 'token of a deleted client'],
      })
      const { verdict, message } = await cell('discovery.registration-endpoint.enabled', 'nextcloud')
      expect(verdict).toBe('not-testable')
      expect(message).toContain('attached by URL')
    })
  })

  it('without a consent page has nothing to deny', async () => {
    await using nextcloud = await startEmbeddedNextcloud({ consent: false })
    const attached = { url: nextcloud.baseUrl, users: nextcloud.users }
    await withRun({ attached, modes: ['oauth'] }, async ({ cell }) => {
      const { verdict, message, outOfReach } = await cell('authz.consent.denied', 'nextcloud')
      // Found out on the way: this counts.
      expect(outOfReach).toBeUndefined()
      expect({ verdict, message }).toMatchObject({
        verdict: 'not-testable',
        message: expect.stringContaining('allow_user_settings') as string,
      })
    })
  })
})
