import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, onTestFinished } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../../src/nextcloud/embedded/options.js'
import type { ServerMutant } from '../../../src/servers/mutants.js'
import { startReferenceServer } from '../../../src/servers/start.js'
import { TestSession } from './mcp-http.js'

interface WithId {
  readonly id: number
}

/** A session of alice with a basic-mode reference server on an embedded Nextcloud; ends with the test. */
export class EmbeddedSession {
  readonly nextcloud: EmbeddedNextcloud
  readonly session: TestSession
  readonly #outputSchemas: ReadonlyMap<string, object>
  readonly #ajv = new Ajv2020({ strict: false })

  private constructor(
    nextcloud: EmbeddedNextcloud,
    session: TestSession,
    outputSchemas: ReadonlyMap<string, object>,
  ) {
    this.nextcloud = nextcloud
    this.session = session
    this.#outputSchemas = outputSchemas
  }

  static async open(
    options: EmbeddedOptions = {},
    mutants: readonly ServerMutant[] = [],
  ): Promise<EmbeddedSession> {
    const nextcloud = await startEmbeddedNextcloud(options)
    onTestFinished(() => nextcloud.stop())
    const { userId, password } = nextcloud.users.alice
    const server = await startReferenceServer({
      mode: 'basic',
      env: {
        NEXTCLOUD_HOST: nextcloud.internalUrl,
        NEXTCLOUD_USERNAME: userId,
        NEXTCLOUD_PASSWORD: password,
      },
      mutants,
    })
    onTestFinished(() => server.stop())
    const session = await TestSession.open(server.url)
    const { message } = await session.request('tools/list')
    const tools = message.result?.['tools'] as { name: string; outputSchema: object }[]
    return new EmbeddedSession(
      nextcloud,
      session,
      new Map(tools.map(({ name, outputSchema }) => [name, outputSchema])),
    )
  }

  /** Calls a tool that must succeed: one text block, structured content in the form of the output schema. */
  async call<Structured = WithId>(name: string, input: unknown = {}): Promise<Structured> {
    const reply = await this.session.call(name, input)
    expect(reply.isError, `${name}: ${reply.content[0]?.text ?? ''}`).toBeUndefined()
    expect(reply.content).toHaveLength(1)
    expect(JSON.parse(reply.content[0]?.text ?? '')).toEqual(reply.structuredContent)
    const schema = this.#outputSchemas.get(name)
    if (schema === undefined) throw new Error(`no tool ${name}`)
    expect(this.#ajv.validate(schema, reply.structuredContent), `${name}: ${this.#ajv.errorsText()}`).toBe(
      true,
    )
    return reply.structuredContent as Structured
  }

  /** The text of a call that must fail; never an internal URL. */
  async refusal(name: string, input: unknown): Promise<string> {
    const reply = await this.session.call(name, input)
    expect(reply.isError, JSON.stringify(reply)).toBe(true)
    expect(reply.structuredContent).toBeUndefined()
    const text = reply.content[0]?.text ?? ''
    expect(text).not.toMatch(/http:|index\.php|ocs\/|api\/|127\.0/i)
    return text
  }

  /** A request past the server, as a user; the JSON of the answer. */
  async direct<Json = WithId>(
    method: string,
    path: string,
    json?: unknown,
    user: 'alice' | 'bob' = 'alice',
  ): Promise<Json> {
    const { userId, password } = this.nextcloud.users[user]
    const response = await this.nextcloud.app.request(this.nextcloud.baseUrl + path, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'ocs-apirequest': 'true',
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    const text = await response.text()
    expect(response.status, text).toBe(200)
    return JSON.parse(text) as Json
  }
}
