import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import {
  bringsClient,
  describeRegistration,
  findRegistrationEndpoint,
  removeRegistered,
  requestRegistration,
  SILENT_REDIRECT_URI,
  type RegistrationAnswer,
} from '../support/registration-request.js'

const REGISTERED_ERRORS = [
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_software_statement',
  'unapproved_software_statement',
]
const NAME_CHARACTERS = 1_048_576

interface Case {
  readonly body: string
  /** Sent to a Nextcloud that is not ours, too: a real one counts registrations. */
  readonly always?: boolean
  /** Where the server may put a good value in the place of the bad one (RFC 7591 §3.2.1): whether it did. */
  readonly isReplaced?: (members: RegistrationAnswer['members']) => boolean
}

const CASES: Readonly<Record<string, Case>> = {
  'no redirect_uris': { body: JSON.stringify({ client_name: 'nc-mcp-conformance' }), always: true },
  'redirect_uris null': { body: JSON.stringify({ redirect_uris: null }) },
  'redirect_uris empty': { body: JSON.stringify({ redirect_uris: [] }) },
  'redirect_uris a string': { body: JSON.stringify({ redirect_uris: SILENT_REDIRECT_URI }), always: true },
  'broken JSON': { body: `{"redirect_uris":["${SILENT_REDIRECT_URI}"`, always: true },
  'a JSON array': { body: JSON.stringify([SILENT_REDIRECT_URI]) },
  'numbers in response_types': {
    body: JSON.stringify({ redirect_uris: [SILENT_REDIRECT_URI], response_types: [1, 2] }),
    isReplaced: ({ response_types: types }) =>
      Array.isArray(types) && types.every((each) => each === 'code' || each === 'id_token'),
  },
  'a client_name of 1 MiB': {
    body: JSON.stringify({ redirect_uris: [SILENT_REDIRECT_URI], client_name: 'n'.repeat(NAME_CHARACTERS) }),
    isReplaced: ({ client_name: name }) => typeof name === 'string' && name.length < NAME_CHARACTERS,
  },
}

/** A client that cannot tell what it did wrong cannot mend it, and a half-made client cannot be used. */
export const invalidMetadata = defineCheck({
  id: 'registration.error.invalid-metadata',
  suite: 'registration',
  title:
    'Metadata that cannot be used is refused with 400 and a registered error code, and registers nothing',
  level: 'MUST',
  source: [
    { document: 'RFC7591', clause: '3.2.2' },
    { document: 'RFC7591', clause: '2' },
    { document: 'RFC7591', clause: '3.2.1' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-reg-accepts-no-redirect', profile: 'strict' }],
  async run(ctx) {
    const endpoint = await findRegistrationEndpoint(ctx.oauth)
    const control = await requestRegistration(ctx, endpoint, { redirect_uris: [SILENT_REDIRECT_URI] })
    const answers = [control]
    try {
      if (control.status !== 201 || !bringsClient(control)) {
        const shown = describeRegistration(control)
        return notTestable(`positive control: good metadata is answered with ${shown}`)
      }
      const findings = new Findings()
      const shown: Record<string, string> = {}
      for (const [name, each] of Object.entries(CASES)) {
        if (!isPolite(ctx, each)) continue
        const answer = await requestRegistration(ctx, endpoint, each.body)
        answers.push(answer)
        shown[name] = describeRegistration(answer)
        judgeAnswer(findings, name, each, answer)
      }
      return judge(findings.list(), shown)
    } finally {
      await removeRegistered(ctx, answers)
    }
  },
})

function isPolite({ nextcloud }: Pick<CheckContext, 'nextcloud'>, { always }: Case): boolean {
  return nextcloud.kind !== 'attached' || always === true
}

function judgeAnswer(
  findings: Findings,
  name: string,
  { isReplaced }: Case,
  answer: RegistrationAnswer,
): void {
  const { status, members } = answer
  const observed = { [name]: describeRegistration(answer) }
  if (status >= 500) {
    findings.add({
      id: 'server-error',
      message: 'bad metadata is answered with a server error',
      expected: 400,
      observed,
    })
  } else if (status < 300 || bringsClient(answer)) {
    if (isReplaced?.(members) === true) return
    const uris = members['redirect_uris']
    findings.add(
      Array.isArray(uris) && uris.length > 0
        ? { id: 'bad-value-registered', message: 'a value that cannot be used is registered', observed }
        : {
            id: 'client-without-redirect-uri',
            message: 'a client without a redirect URI is registered',
            observed,
          },
    )
  } else if (typeof members['error'] !== 'string') {
    findings.add({
      id: 'refusal-not-json',
      message: 'a refusal has no JSON object with an error code',
      observed,
    })
  } else if (status !== 400 && !(status === 413 && isReplaced !== undefined)) {
    findings.add({
      id: 'other-status',
      message: 'bad metadata is not answered with 400',
      expected: 400,
      observed,
    })
  } else if (!REGISTERED_ERRORS.includes(members['error'])) {
    findings.add({
      id: 'other-error-code',
      message: 'a refusal has an error code that no specification registers',
      expected: REGISTERED_ERRORS.slice(0, 2),
      observed,
    })
  }
}
