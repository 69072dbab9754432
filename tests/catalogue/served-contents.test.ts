import { describe, expect, it } from 'vitest'
import { McpSession } from '../../src/catalogue/support/mcp-session.js'
import { listedContents, servedContents } from '../../src/catalogue/support/served-contents.js'
import type { McpProbe } from '../../src/mcp/mcp.js'

const NOTE = { id: 7, title: 'a-word', content: 'a-word', category: '', etag: '' }

/** A server that answers these methods, by method and name; everything else is refused. */
function sessionOn(
  answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<McpSession> {
  const all: typeof answers = { initialize: { capabilities: { resources: {}, prompts: {} } }, ...answers }
  const probe: McpProbe = (_url, input) => {
    const { method, params } = (input?.body ?? {}) as {
      readonly method?: string
      readonly params?: { readonly uri?: string; readonly name?: string }
    }
    const key = [method, params?.uri ?? params?.name].filter((part) => part !== undefined).join(' ')
    const result = all[key]
    return Promise.resolve({
      status: result === undefined ? 403 : 200,
      headers: new Headers(),
      text: JSON.stringify(result ?? {}),
      message: result === undefined ? undefined : { id: 1, result },
      sessionId: undefined,
    })
  }
  return McpSession.open(
    { mcp: { connect: () => Promise.reject(new Error('unused')), probe }, revision: '2025-11-25' },
    'http://x.example/mcp',
  )
}

describe('what can be asked for in a session', () => {
  const lists = {
    'resources/list': { resources: [{ uri: 'a://open' }, { uri: 'a://closed' }] },
    'prompts/list': {
      prompts: [
        { name: 'plain' },
        { name: 'optional', arguments: [{ name: 'x' }] },
        { name: 'demanding', arguments: [{ name: 'x', required: true }] },
      ],
    },
    'resources/read a://open': { contents: [] },
    'prompts/get plain': { messages: [] },
  }

  it('is listed, but for prompts that need arguments', async () => {
    const listed = await listedContents(await sessionOn(lists))
    expect(listed.map(({ kind, name }) => [kind, name])).toEqual([
      ['resource', 'a://open'],
      ['resource', 'a://closed'],
      ['prompt', 'plain'],
      ['prompt', 'optional'],
    ])
  })

  it('is served when it is asked for', async () => {
    const served = await servedContents(await sessionOn(lists), NOTE)
    expect(served.map(({ name }) => name)).toEqual(['a://open', 'plain'])
  })

  it('is a note as well, where a resource and a tool give it', async () => {
    const note = { 'resources/read nc://Notes/7': { contents: [{ text: 'a-word' }] } }
    const tool = { 'tools/call nc_notes_get_note': { content: [] } }
    const kinds = async (answers: typeof note | typeof tool) =>
      (await servedContents(await sessionOn(answers), NOTE)).map(({ kind }) => kind)
    expect(await kinds({ ...note, ...tool })).toEqual(['note'])
    expect(await kinds(note)).toEqual([])
    expect(await kinds({ ...tool, 'resources/read nc://Notes/7': { contents: [] } })).toEqual([])
  })
})
