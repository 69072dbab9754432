import { expect, test } from 'nc-mcp-conformance/playwright'

for (const mode of ['basic', 'oauth'] as const) {
  test(`a note that a tool makes in ${mode} mode is in Nextcloud`, async ({
    mcpClient,
    nextcloud,
    users,
  }) => {
    const client = await mcpClient(mode)
    const title = `Shopping in ${mode} mode`
    await client.callTool('nc_notes_create_note', { title, content: 'Milk', category: '' })

    const { userId, password } = users.alice
    const response = await fetch(`${nextcloud.baseUrl}/index.php/apps/notes/api/v1/notes`, {
      headers: { authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}` },
    })
    expect(await response.json()).toContainEqual(expect.objectContaining({ title }))
  })
}

test("one user's notes are not another's", async ({ mcpClient }) => {
  const [alice, bob] = [await mcpClient('oauth', 'alice'), await mcpClient('oauth', 'bob')]
  const title = 'Secret of alice'
  await alice.callTool('nc_notes_create_note', { title, content: '-', category: '' })
  const search = (client: typeof alice) => client.callTool('nc_notes_search_notes', { query: title })
  expect((await search(alice)).structuredContent).toMatchObject({ total_found: 1 })
  expect((await search(bob)).structuredContent).toMatchObject({ total_found: 0 })
})

test('tokens are minted once per user and format', async ({ accessToken }) => {
  const first = await accessToken('alice')
  expect(await accessToken('alice')).toBe(first)
  expect(await accessToken('alice', 'jwt')).not.toBe(first)
})
