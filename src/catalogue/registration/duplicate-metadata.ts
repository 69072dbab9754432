import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { newMarker } from '../support/notes-tools.js'
import {
  bringsClient,
  describeRegistration,
  findRegistrationEndpoint,
  removeRegistered,
  requestRegistration,
  SILENT_REDIRECT_URI,
  type RegistrationAnswer,
} from '../support/registration-request.js'

const MIN_SECRET_BITS = 128

/** Metadata is public: whoever copies it must not get the client of another. */
export const duplicateMetadata = defineCheck({
  id: 'registration.duplicate-metadata',
  suite: 'registration',
  title: 'The same metadata registered twice gives two clients with unguessable secrets of their own',
  level: 'MUST',
  source: [
    { document: 'RFC7591', clause: '3.2.1' },
    { document: 'RFC7591', clause: '5' },
    { document: 'RFC6749', clause: '10.10' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-reg-returns-existing' }],
  async run(ctx) {
    const endpoint = await findRegistrationEndpoint(ctx.oauth)
    const metadata = {
      client_name: newMarker(),
      redirect_uris: [SILENT_REDIRECT_URI],
      software_id: '5f8f0f3c-6c0a-4ab5-9d36-5d3f0f0a3b11',
      software_version: '1',
    }
    const first = await requestRegistration(ctx, endpoint, metadata)
    const second = await requestRegistration(ctx, endpoint, metadata)
    const answers = [first, second]
    try {
      if (!answers.every(bringsClient)) {
        const list = answers.map(describeRegistration).join(' and ')
        return notTestable(`positive control: the registrations are answered with ${list}`)
      }
      return judge([...judgeDistinct(answers), ...judgeSecrets(answers)], {
        clients: answers.length,
        secretBits: answers.map(({ members }) => strengthBits(members['client_secret'])),
      })
    } finally {
      await removeRegistered(ctx, answers)
    }
  },
})

const DISTINCT = {
  client_id: ['client-id-repeats', 'both registrations have the same client_id'],
  client_secret: ['secret-repeats', 'the second caller gets the secret of the first'],
  registration_access_token: [
    'registration-token-repeats',
    'the second caller gets the registration access token of the first',
  ],
} as const

function judgeDistinct(answers: readonly RegistrationAnswer[]): Finding[] {
  return Object.entries(DISTINCT).flatMap(([member, [id, message]]) => {
    const values = answers.map(({ members }) => members[member]).filter((value) => value !== undefined)
    return new Set(values).size < values.length ? [{ id, message, expected: 'two values' }] : []
  })
}

function judgeSecrets(answers: readonly RegistrationAnswer[]): Finding[] {
  const bits = answers
    .map(({ members }) => strengthBits(members['client_secret']))
    .filter((each) => each !== undefined)
  return bits.some((each) => each < MIN_SECRET_BITS)
    ? [
        {
          id: 'secret-too-short',
          message: 'a client secret is short enough to be guessed',
          expected: `at least ${MIN_SECRET_BITS} bits`,
          observed: bits,
        },
      ]
    : []
}

/** What a text of this length and these kinds of characters can hold at most; `undefined` without a secret. */
function strengthBits(secret: unknown): number | undefined {
  if (typeof secret !== 'string') return undefined
  const alphabet = /^\d*$/.test(secret)
    ? 10
    : /^[\da-f-]*$/i.test(secret)
      ? 16
      : /^[\w-]*$/.test(secret)
        ? 62
        : 94
  return Math.floor(secret.length * Math.log2(alphabet))
}
