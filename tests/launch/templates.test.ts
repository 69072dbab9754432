import { describe, expect, it } from 'vitest'
import { fillIn, templatesIn, TEMPLATE_NAMES, withUserEnvironment } from '../../src/server-environment.js'

const ENV = {
  NEXTCLOUD_HOST: 'http://127.0.0.1:40001',
  NEXTCLOUD_USERNAME: 'alice',
  NEXTCLOUD_PASSWORD: 'pw {port} {{mode}} $&',
}
const VALUES = { port: 8123, mode: 'basic', serverUrl: 'http://127.0.0.1:8123', env: ENV } as const

describe('templates', () => {
  it('are filled in with one and with two braces, and what is filled in is left alone', () => {
    expect(fillIn('{port}|{{port}}|{{ mode }}|{mode}', VALUES)).toBe('8123|8123|basic|basic')
    expect(fillIn('{{user.name}}:{{user.password}}@{{nextcloud.url}}', VALUES)).toBe(
      'alice:pw {port} {{mode}} $&@http://127.0.0.1:40001',
    )
    expect(fillIn('{{server.url}} {{nextcloud.publicUrl}}', VALUES)).toBe(
      'http://127.0.0.1:8123 http://127.0.0.1:40001',
    )
  })

  it('of other programs stay, as do names that do not exist', () => {
    const text = '{{.Names}} {{ .x }} {{toString}} {{constructor}} {x} {{}}'
    expect(fillIn(text, VALUES)).toBe(text)
    expect(templatesIn('{{.Names}} {{a.b}} {{ port }}')).toEqual(['a.b', 'port'])
  })

  it('all have a value, but for {{cwd}}, which is filled in before', () => {
    const env = { ...ENV, NEXTCLOUD_OIDC_CLIENT_STORAGE: '/x' }
    const left = TEMPLATE_NAMES.filter((name) => fillIn(`{{${name}}}`, { ...VALUES, env }) === `{{${name}}}`)
    expect(left).toEqual(['cwd'])
  })
})

describe("the user's variables", () => {
  const values = { port: 8123, mode: 'basic', serverUrl: 'http://127.0.0.1:8123' } as const
  const given = {
    NC: '{{nextcloud.url}}',
    USER: '{{user.name}}',
    AUTH: 'x {{user.name}}',
    OWN: '{{server.url}}/mcp',
  }
  const filled = (changes: object) => withUserEnvironment({ ...ENV, ...given, ...changes }, given, values)

  it('hold what this start of the server gets', () => {
    expect(filled({})).toMatchObject({
      NC: 'http://127.0.0.1:40001',
      USER: 'alice',
      AUTH: 'x alice',
      OWN: 'http://127.0.0.1:8123/mcp',
      NEXTCLOUD_PASSWORD: ENV.NEXTCLOUD_PASSWORD,
    })
  })

  it('hold addresses as a container sees them, where those are given', () => {
    const inside = { ...values, env: { ...ENV, NEXTCLOUD_HOST: 'http://nextcloud' } }
    expect(withUserEnvironment({ ...ENV, ...given }, given, inside)).toMatchObject({
      NC: 'http://nextcloud',
      NEXTCLOUD_HOST: ENV.NEXTCLOUD_HOST,
    })
  })

  it('follow what a check changes, and are gone with what it takes away', () => {
    const { NEXTCLOUD_USERNAME: _, ...without } = { ...ENV, ...given }
    expect(withUserEnvironment(without, given, values)).toEqual({
      ...without,
      USER: undefined,
      NC: 'http://127.0.0.1:40001',
      AUTH: 'x ',
      OWN: 'http://127.0.0.1:8123/mcp',
    })
    expect(filled({ NEXTCLOUD_MCP_SERVER_URL: 'http://other:1' })).toMatchObject({
      OWN: 'http://other:1/mcp',
    })
    expect(filled({ NC: '{{mode}}' })).toMatchObject({ NC: '{{mode}}' })
  })
})
