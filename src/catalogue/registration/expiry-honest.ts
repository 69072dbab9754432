import { setTimeout as sleep } from 'node:timers/promises'
import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, MintOptions, OwnNextcloud, PendingCode } from '../context.js'
import { tryAuthorize } from '../support/authorization-attempt.js'
import { configurationLagMs, seenWithin } from '../support/seen-within.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

const LIFETIME_KEY = 'client_expire_time'
/** On an instance whose clock can be set. A real one is waited for, so that there it has to be short. */
const LIFETIME_SECONDS = { settable: 600, real: 60 }
/** Time for two logins before the end. */
const BEFORE_SECONDS = 30
const AFTER_SECONDS = 3

/** Servers renew their client by what they were told; an end that comes earlier or later breaks them. */
export const expiryHonest = defineCheck({
  id: 'registration.expiry-honest',
  suite: 'registration',
  title: 'A client works until client_secret_expires_at, and not longer',
  level: 'MUST',
  source: [
    { document: 'RFC7591', clause: '3.2.1' },
    { document: 'RFC6749', clause: '5.2' },
  ],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  timeoutMs: 120_000,
  mutants: [{ id: 'n-reg-expiry-late' }],
  async run(ctx) {
    const own = await ctx.ownNextcloud()
    const lifetime = LIFETIME_SECONDS[own.nextcloud.clock === undefined ? 'real' : 'settable']
    await own.nextcloud.admin.setAppConfig('oidc', LIFETIME_KEY, String(lifetime))
    const client = await seenWithin(
      () => own.oauth.register(),
      (each) => lifetimeOf(each) === lifetime,
      configurationLagMs(own.nextcloud),
    )
    const { client_id_issued_at: issuedAt, client_secret_expires_at: endsAt } = client
    if (issuedAt === undefined || endsAt === undefined) {
      return notTestable('the registration does not tell when the client was issued, or when it ends')
    }
    if (endsAt - issuedAt !== lifetime) {
      return judge([
        {
          id: 'lifetime-not-told',
          message: 'client_secret_expires_at is not client_id_issued_at plus the configured lifetime',
          expected: lifetime,
          observed: endsAt - issuedAt,
        },
      ])
    }
    return judgeLife(ctx, own, client, endsAt)
  },
})

function lifetimeOf({ client_id_issued_at: from, client_secret_expires_at: to }: RegisteredClient): number {
  return (to ?? 0) - (from ?? 0)
}

async function judgeLife(
  ctx: CheckContext,
  own: OwnNextcloud,
  client: RegisteredClient,
  endsAt: number,
): ReturnType<Parameters<typeof defineCheck>[0]['run']> {
  const options: MintOptions = { client, resource: null }
  const fresh = await tryAuthorize(own.oauth, 'alice', options)
  if (fresh === undefined || (await redeemCode(ctx, own.oauth, fresh)).accessToken === undefined) {
    return notTestable('positive control: a fresh client gets no tokens either')
  }
  await passUntil(own, endsAt - BEFORE_SECONDS)
  const before = await tryAuthorize(own.oauth, 'alice', options)
  const late = await tryAuthorize(own.oauth, 'alice', options)
  const redeemed = before === undefined ? undefined : await redeemCode(ctx, own.oauth, before)
  if (redeemed?.accessToken === undefined || late === undefined) {
    return judge([
      {
        id: 'ends-early',
        message: `the client does not work ${BEFORE_SECONDS} s before its end`,
        expected: 'a code and tokens',
        observed: redeemed === undefined ? 'no code' : describeAnswer(redeemed),
      },
    ])
  }
  await passUntil(own, endsAt + AFTER_SECONDS)
  return judge(await useAfterEnd(ctx, own, options, late), {
    lifetimeSeconds: lifetimeOf(client),
    clock: own.nextcloud.clock === undefined ? 'waited for' : 'set',
  })
}

async function useAfterEnd(
  ctx: CheckContext,
  { oauth }: OwnNextcloud,
  options: MintOptions,
  late: PendingCode,
): Promise<Finding[]> {
  const findings: Finding[] = []
  if ((await tryAuthorize(oauth, 'alice', options)) !== undefined) {
    findings.push({
      id: 'authorize-after-end',
      message: 'the authorization endpoint gives a code to a client whose life is over',
      expected: 'a page that informs the person',
    })
  }
  const answer = await redeemCode(ctx, oauth, late)
  if (answer.accessToken !== undefined) {
    findings.push({
      id: 'tokens-after-end',
      message: 'the token endpoint gives tokens to a client whose life is over',
      expected: 'invalid_client',
      observed: describeAnswer(answer),
    })
  } else if (answer.members['error'] !== 'invalid_client') {
    findings.push({
      id: 'other-refusal',
      level: 'SHOULD',
      message: 'a client whose life is over is refused with another error than invalid_client',
      expected: 'invalid_client',
      observed: describeAnswer(answer),
    })
  }
  return findings
}

/** Sets the clock of the instance, or waits where it has none that can be set: no text tells another way to see it. */
async function passUntil({ nextcloud: { clock } }: OwnNextcloud, atSeconds: number): Promise<void> {
  const missingMs = atSeconds * 1000 - (clock?.nowMs() ?? Date.now())
  if (missingMs <= 0) return
  if (clock === undefined) await sleep(missingMs)
  else clock.shift(missingMs / 1000)
}
