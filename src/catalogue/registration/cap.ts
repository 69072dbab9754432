import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable, type Finding, type Outcome } from '../check.js'
import type { CheckContext, OwnNextcloud } from '../context.js'
import { tryAuthorize } from '../support/authorization-attempt.js'
import { isManageable, requestConfiguration } from '../support/client-configuration.js'
import {
  bringsClient,
  describeRegistration,
  findRegistrationEndpoint,
  sendRegistration,
  SILENT_REDIRECT_URI,
  type RegistrationAnswer,
} from '../support/registration-request.js'

const LIMIT = 100
const AT_ONCE = 10
/** So many more than the limit are tried before it is taken for none. */
const SLACK = 3
const CLIENT_LIFE_SECONDS = 3600

/** Registration is open to strangers: without a limit they fill the table. */
export const cap = defineCheck({
  id: 'registration.cap',
  suite: 'registration',
  title: 'At most 100 dynamic clients are alive; one more is refused until one ends',
  level: 'MUST',
  source: [{ document: 'project', clause: 'at most 100 dynamically registered clients' }],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  timeoutMs: 120_000,
  mutants: [{ id: 'n-cap-unlimited', profile: 'strict' }],
  async run(ctx) {
    const own = await ctx.ownNextcloud()
    const endpoint = await findRegistrationEndpoint(own.oauth)
    const register = (): Promise<RegistrationAnswer> =>
      sendRegistration(ctx, endpoint, { redirect_uris: [SILENT_REDIRECT_URI] })
    const control = await register()
    if (!bringsClient(control)) return notTestable('positive control: a fresh instance registers no client')
    const first = control.members as unknown as RegisteredClient
    if ((await tryAuthorize(own.oauth, 'alice', { client: first, resource: null })) === undefined) {
      return notTestable('positive control: a client does not work while the table is empty either')
    }
    const { clients, refusal } = await fill(register, first)
    const [, second = first] = clients
    if (refusal === undefined) {
      return judge([
        {
          id: 'no-cap',
          message: 'the number of dynamic clients has no limit',
          expected: LIMIT,
          observed: `more than ${clients.length - 1}`,
        },
      ])
    }
    return judgeLimit(ctx, own, { register, clients: [first, second], count: clients.length, refusal })
  },
})

type Register = () => Promise<RegistrationAnswer>

/** Registers until it is refused, or far enough beyond the limit: ten at a time, and near the limit one by one. */
async function fill(
  register: Register,
  first: RegisteredClient,
): Promise<{ clients: RegisteredClient[]; refusal: RegistrationAnswer | undefined }> {
  const clients = [first]
  while (clients.length < LIMIT + SLACK) {
    const count = clients.length + AT_ONCE < LIMIT ? AT_ONCE : 1
    const answers = await Promise.all(Array.from({ length: count }, register))
    clients.push(...answers.filter(bringsClient).map(({ members }) => members as unknown as RegisteredClient))
    const refusal = answers.find((answer) => !bringsClient(answer))
    if (refusal !== undefined) return { clients, refusal }
  }
  return { clients, refusal: undefined }
}

interface FullTable {
  readonly register: Register
  readonly clients: readonly [RegisteredClient, RegisteredClient]
  readonly count: number
  readonly refusal: RegistrationAnswer
}

async function judgeLimit(
  ctx: CheckContext,
  { nextcloud, oauth }: OwnNextcloud,
  { register, clients: [client, deleted], count, refusal }: FullTable,
): Promise<Outcome> {
  if (refusal.status === 429)
    return notTestable('registrations are rate limited, so the limit is not reached')
  const findings: Finding[] = []
  if (count !== LIMIT) {
    findings.push({
      id: 'other-limit',
      level: 'SHOULD',
      message: 'the limit is another one than announced',
      expected: LIMIT,
      observed: count,
    })
  }
  if (refusal.status < 400 || refusal.status > 499 || typeof refusal.members['error'] !== 'string') {
    findings.push({
      id: 'refusal-not-json',
      message: 'the registration beyond the limit is not refused with 4xx and a JSON error',
      observed: describeRegistration(refusal),
    })
  }
  if ((await tryAuthorize(oauth, 'alice', { client, resource: null })) === undefined) {
    findings.push({ id: 'existing-client-broken', message: 'a client stops working when the table is full' })
  }
  const freed: string[] = []
  const judgeSlot = async (how: string): Promise<void> => {
    freed.push(how)
    const answer = await register()
    if (bringsClient(answer)) return
    findings.push({
      id: `slot-not-freed-by-${how}`,
      message: `a slot does not come back by ${how}`,
      observed: describeRegistration(answer),
    })
  }
  if (isManageable(deleted)) {
    await requestConfiguration(ctx, 'DELETE', deleted, deleted.registration_access_token)
    await judgeSlot('deletion')
  }
  if (nextcloud.clock !== undefined) {
    nextcloud.clock.shift(CLIENT_LIFE_SECONDS + 2)
    await judgeSlot('expiry')
  }
  return judge(findings, { limit: count, refusal: describeRegistration(refusal), freedBy: freed })
}
