import { defineCheck, judge, type Finding } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import {
  isManageable,
  NOT_MANAGEABLE,
  requestConfiguration,
  type ConfigurationAnswer,
  type ManageableClient,
} from '../support/client-configuration.js'
import { registerUsableClient } from '../support/usable-client.js'

const REDIRECT_URIS = ['http://127.0.0.1:9/first', 'http://127.0.0.1:9/second']

/** How a client finds out whether its registration still holds, without starting a login. */
export const managementRead = defineCheck({
  id: 'registration.management.read',
  suite: 'registration',
  title: 'With its registration access token a client reads its own registration, complete',
  level: 'MUST',
  source: [
    { document: 'RFC7592', clause: '2.1' },
    { document: 'RFC7592', clause: '3' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-mgmt-wrong-client',
      profile: 'strict',
      alsoNotTestable: ['registration.management.auth'],
    },
  ],
  async run(ctx) {
    const register = (uri: string | undefined) =>
      registerUsableClient(ctx, ctx.oauth, { redirect_uris: uri === undefined ? [] : [uri] })
    const client = await register(REDIRECT_URIS[0])
    const other = await register(REDIRECT_URIS[1])
    try {
      if (!isManageable(client)) return NOT_MANAGEABLE
      const answer = await requestConfiguration(ctx, 'GET', client, client.registration_access_token)
      return judge(judgeAnswer(client, answer), {
        status: answer.status,
        members: Object.keys(answer.members),
      })
    } finally {
      await removeClients(ctx, [client, other])
    }
  },
})

function judgeAnswer(client: ManageableClient, { status, members }: ConfigurationAnswer): Finding[] {
  if (status !== 200 || Object.keys(members).length === 0) {
    return [
      {
        id: 'read-refused',
        message: 'a client cannot read its registration with its own registration access token',
        expected: '200 with a JSON object',
        observed: status,
      },
    ]
  }
  if (members['client_id'] !== client.client_id) {
    return [
      {
        id: 'other-client',
        message: 'the registration of another client is returned',
        expected: client.client_id,
        observed: members['client_id'] ?? 'absent',
      },
    ]
  }
  const findings: Finding[] = []
  if (typeof members['registration_client_uri'] !== 'string') {
    findings.push({
      id: 'registration-uri-missing',
      message: 'the answer lacks registration_client_uri',
      observed: 'absent',
    })
  }
  if (typeof members['registration_access_token'] !== 'string') {
    findings.push({
      id: 'registration-token-missing',
      message: 'the answer lacks registration_access_token',
      observed: 'absent',
    })
  }
  const { redirect_uris: uris, client_secret: secret } = members
  const hasOtherSecret = secret !== undefined && secret !== client.client_secret
  if (JSON.stringify(uris) !== JSON.stringify(client.redirect_uris) || hasOtherSecret) {
    findings.push({
      id: 'metadata-differs',
      message: 'the answer differs from what was registered',
      expected: client.redirect_uris,
      observed: hasOtherSecret ? 'another client_secret' : uris,
    })
  }
  return findings
}
