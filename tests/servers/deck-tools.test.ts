import { describe, expect, it } from 'vitest'
import type { NextcloudClient } from '../../src/servers/nextcloud-client.js'
import { reorderCard } from '../../src/servers/tools/deck-api.js'
import { EmbeddedSession } from './support/embedded-session.js'

const BOARDS = '/apps/deck/api/v1.0/boards'

interface Card {
  readonly id: number
  readonly title: string
  readonly stackId: number
  readonly order: number
}

/** A board with two stacks and a card in the first, made by the tools. */
async function withCard() {
  const session = await EmbeddedSession.open()
  const { id: board_id } = await session.call('deck_create_board', { title: 'Board', color: '#ff0000' })
  const stacks: number[] = []
  for (const [order, title] of ['To do', 'Done'].entries()) {
    stacks.push((await session.call('deck_create_stack', { board_id, title, order })).id)
  }
  const [stack_id = 0, other_stack_id = 0] = stacks
  const card = { board_id, stack_id, title: 'Card', description: 'text', duedate: '2030-01-02T03:04:05Z' }
  const { id: card_id } = await session.call('deck_create_card', card)
  const place = { board_id, stack_id, card_id }
  const path = `${BOARDS}/${board_id}/stacks/${stack_id}/cards/${card_id}`
  return { session, board_id, stack_id, other_stack_id, card_id, place, path }
}

describe('the Deck tools', () => {
  it('make boards, stacks and cards, and show what they made', async () => {
    const { session, board_id, stack_id, other_stack_id, place, card_id } = await withCard()
    expect(await session.call('deck_get_board', { board_id })).toMatchObject({
      id: board_id,
      title: 'Board',
      color: 'ff0000',
      owner: { uid: 'alice' },
    })
    const { boards } = await session.call<{ boards: unknown[] }>('deck_get_boards')
    expect(boards).toContainEqual(expect.objectContaining({ id: board_id }))
    expect(await session.call('deck_get_stacks', { board_id })).toMatchObject({
      stacks: [
        { id: stack_id, title: 'To do', cards: [{ id: card_id }] },
        { id: other_stack_id, title: 'Done', cards: [] },
      ],
    })
    expect(await session.call('deck_get_stack', { board_id, stack_id })).toMatchObject({ title: 'To do' })
    expect(await session.call('deck_get_cards', { board_id, stack_id })).toMatchObject({
      cards: [{ id: card_id, description: 'text' }],
    })
    expect(await session.call('deck_get_cards', { board_id, stack_id: other_stack_id })).toEqual({
      cards: [],
    })
    expect(await session.call('deck_get_card', place)).toMatchObject({
      title: 'Card',
      type: 'plain',
      order: 999,
      duedate: '2030-01-02T03:04:05+00:00',
    })
  })

  it('update a stack in one member and delete it', async () => {
    const { session, board_id, stack_id } = await withCard()
    const ids = { board_id, stack_id }
    expect(await session.call('deck_update_stack', { ...ids, title: 'Next' })).toMatchObject({
      success: true,
      status_code: null,
      message: 'Stack updated successfully',
      ...ids,
    })
    await session.call('deck_update_stack', { ...ids, order: 7 })
    expect(await session.call('deck_get_stack', ids)).toMatchObject({ title: 'Next', order: 7 })
    expect(await session.call('deck_delete_stack', ids)).toMatchObject({ success: true, ...ids })
    expect(await session.refusal('deck_get_stack', ids)).toBe(
      `Stack ${stack_id} (board ${board_id}) not found, or access denied`,
    )
  })

  it.each([
    ['title', 'Renamed'],
    ['description', ''],
    ['type', 'text'],
    ['order', 3],
    ['duedate', '2031-01-01T00:00:00+00:00'],
    ['done', '2024-01-01T00:00:00+00:00'],
    ['archived', true],
  ] as const)('update the %s of a card and nothing else', async (member, value) => {
    const { session, place, path } = await withCard()
    await session.call('deck_update_card', { ...place, done: '2023-01-01T00:00:00Z', order: 5 })
    const { ...before } = await session.direct<Record<string, unknown>>('GET', path)
    expect(before).toMatchObject({ title: 'Card', description: 'text', done: '2023-01-01T00:00:00+00:00' })
    expect(await session.call('deck_update_card', { ...place, [member]: value })).toMatchObject({
      success: true,
      message: 'Card updated successfully',
      ...place,
    })
    const after = await session.direct<Record<string, unknown>>('GET', path)
    const changed = Object.keys(after).filter(
      (name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]),
    )
    expect(changed.filter((name) => !['lastModified', 'ETag', 'lastEditor'].includes(name))).toEqual([member])
    expect(after[member]).toBe(value)
  })

  it('clear times with an empty text, and leave a card in its stack that is updated by another one', async () => {
    const { session, place, path, other_stack_id, stack_id } = await withCard()
    const done = '2023-01-01T00:00:00Z'
    await session.call('deck_update_card', { ...place, stack_id: other_stack_id, done })
    expect(await session.direct('GET', path)).toMatchObject({ stackId: stack_id })
    await session.call('deck_update_card', { ...place, done: '', duedate: '' })
    expect(await session.direct('GET', path)).toMatchObject({ done: null, duedate: null, title: 'Card' })
  })

  it('move a card within its stack and to another one', async () => {
    const { session, place, path, board_id, stack_id, other_stack_id, card_id } = await withCard()
    const { id: first } = await session.call('deck_create_card', {
      board_id,
      stack_id: other_stack_id,
      title: 'First',
      order: 0,
    })
    const moved = await session.call('deck_reorder_card', {
      ...place,
      order: 1,
      target_stack_id: other_stack_id,
    })
    expect(moved).toMatchObject({ success: true, card_id, stack_id: other_stack_id })
    expect(await session.direct('GET', path)).toMatchObject({ stackId: other_stack_id, order: 1 })
    await session.call('deck_reorder_card', {
      ...place,
      stack_id: other_stack_id,
      order: 0,
      target_stack_id: other_stack_id,
    })
    const { cards } = await session.call<{ cards: Card[] }>('deck_get_cards', {
      board_id,
      stack_id: other_stack_id,
    })
    expect(cards.map(({ id }) => id)).toEqual([card_id, first])
    expect(await session.call('deck_get_cards', { board_id, stack_id })).toEqual({ cards: [] })
    expect(await session.refusal('deck_reorder_card', { ...place, order: 0, target_stack_id: 999_999 })).toBe(
      `Stack 999999 (board ${board_id}) not found, or access denied`,
    )
  })

  it('archive, unarchive and delete a card', async () => {
    const { session, place, board_id, stack_id } = await withCard()
    expect(await session.call('deck_archive_card', place)).toMatchObject({ success: true, ...place })
    expect(await session.call('deck_get_cards', { board_id, stack_id })).toEqual({ cards: [] })
    expect(await session.call('deck_update_card', { ...place, archived: true })).toMatchObject({
      success: true,
    })
    await session.call('deck_unarchive_card', place)
    expect(await session.call('deck_get_cards', { board_id, stack_id })).toMatchObject({ cards: [{}] })
    expect(await session.call('deck_delete_card', place)).toMatchObject({
      message: 'Card deleted successfully',
    })
    expect(await session.refusal('deck_get_card', place)).toContain(`Card ${place.card_id}`)
  })

  it('make, change, assign, remove and delete labels', async () => {
    const { session, place, board_id, path } = await withCard()
    const { id: label_id } = await session.call('deck_create_label', {
      board_id,
      title: 'Bug',
      color: '31CC7C',
    })
    await session.call('deck_update_label', { board_id, label_id, title: 'Bugs' })
    expect(await session.call('deck_get_label', { board_id, label_id })).toMatchObject({
      title: 'Bugs',
      color: '31CC7C',
    })
    const { labels } = await session.call<{ labels: unknown[] }>('deck_get_labels', { board_id })
    expect(labels).toContainEqual(expect.objectContaining({ id: label_id }))
    expect(await session.call('deck_assign_label_to_card', { ...place, label_id })).toMatchObject({
      ...place,
      label_id,
    })
    expect(await session.direct('GET', path)).toMatchObject({ labels: [{ id: label_id }] })
    await session.call('deck_remove_label_from_card', { ...place, label_id })
    expect(await session.direct('GET', path)).toMatchObject({ labels: [] })
    expect(
      await session.refusal('deck_create_label', { board_id, title: 'Later', color: '000000' }),
    ).toContain('label Later')
    await session.call('deck_delete_label', { board_id, label_id })
    expect(await session.refusal('deck_assign_label_to_card', { ...place, label_id })).toContain(
      `label ${label_id} not found`,
    )
  })

  it('assign a card to a user and take it away', async () => {
    const { session, place, path } = await withCard()
    expect(await session.call('deck_assign_user_to_card', { ...place, user_id: 'alice' })).toMatchObject({
      success: true,
      user_id: 'alice',
    })
    expect(await session.direct('GET', path)).toMatchObject({
      assignedUsers: [{ participant: { uid: 'alice' } }],
    })
    expect(await session.refusal('deck_assign_user_to_card', { ...place, user_id: 'nobody' })).toContain(
      'User nobody is not on the board',
    )
    await session.call('deck_unassign_user_from_card', { ...place, user_id: 'alice' })
    expect(await session.refusal('deck_unassign_user_from_card', { ...place, user_id: 'alice' })).toContain(
      'User alice not found',
    )
  })

  it.each([
    ['deck_get_board', { board_id: 999_999 }, 'Board 999999 not found, or access denied'],
    ['deck_get_stacks', { board_id: 999_999 }, 'Board 999999 not found, or access denied'],
    ['deck_get_labels', { board_id: 999_999 }, 'Board 999999 not found, or access denied'],
    [
      'deck_get_card',
      { board_id: 1, stack_id: 2, card_id: 999_999 },
      'Card 999999 (stack 2, board 1) not found, or access denied',
    ],
    ['deck_get_board', { board_id: 'one' }, 'board_id'],
    ['deck_get_board', {}, 'board_id: required argument is missing'],
    ['deck_create_board', { title: '', color: 'ff0000' }, 'title'],
    ['deck_create_board', { title: 'B', color: 'red' }, 'color'],
  ])('%s with %j says what is wrong', async (tool, input, text) => {
    const session = await EmbeddedSession.open()
    expect(await session.refusal(tool, input)).toContain(text)
  })
})

describe('a move that Deck does not carry out', () => {
  it.each([
    ['the card stays in its stack', [{ stackId: 5, order: 0 }]],
    ['the card gets another place', [{ stackId: 6, order: 3 }]],
    ['the answer lacks the card', []],
  ])('is reported: %s', async (_how, moved) => {
    const card = { id: 6, title: 'Card', type: 'plain', archived: false, owner: 'alice' }
    const json = moved.map((place) => ({ ...card, ...place }))
    const nextcloud = {
      requestJson: () => Promise.resolve({ headers: new Headers(), json }),
    } as unknown as NextcloudClient
    const place = { board_id: 2, stack_id: 5, card_id: 6 }
    await expect(reorderCard(nextcloud, place, 0, 6)).rejects.toThrow(
      'Deck did not move card 6 to place 0 of stack 6',
    )
  })
})

describe('the Deck resources', () => {
  it('show boards and what is on them', async () => {
    const { session, board_id, stack_id, card_id } = await withCard()
    const { id: label_id } = await session.call('deck_create_label', {
      board_id,
      title: 'Bug',
      color: '31CC7C',
    })
    const read = async (uri: string): Promise<unknown> => {
      const { message } = await session.session.request('resources/read', { uri })
      const [content] = message.result?.['contents'] as { text: string }[]
      return JSON.parse(content?.text ?? '')
    }
    const board = `nc://Deck/boards/${board_id}`
    const stack = `${board}/stacks/${stack_id}`
    expect(await read('nc://Deck/boards')).toContainEqual(expect.objectContaining({ id: board_id }))
    expect(await read(board)).toMatchObject({ title: 'Board' })
    expect(await read(`${board}/stacks`)).toMatchObject([{ title: 'To do' }, { title: 'Done' }])
    expect(await read(stack)).toMatchObject({ title: 'To do' })
    expect(await read(`${stack}/cards`)).toMatchObject([{ id: card_id }])
    expect(await read(`${stack}/cards/${card_id}`)).toMatchObject({ description: 'text' })
    expect(await read(`${board}/labels`)).toContainEqual(expect.objectContaining({ title: 'Bug' }))
    expect(await read(`${board}/labels/${label_id}`)).toMatchObject({ title: 'Bug' })
    const { message: listed } = await session.session.request('resources/templates/list')
    const templates = listed.result?.['resourceTemplates'] as { uriTemplate: string }[]
    expect(templates.filter(({ uriTemplate }) => uriTemplate.startsWith('nc://Deck/'))).toHaveLength(7)
    for (const uri of ['nc://Deck/boards/999999', 'nc://Deck/boards/abc', `${stack}/cards/999999`]) {
      const { message } = await session.session.request('resources/read', { uri })
      expect(message.error?.code, uri).toBe(-32_002)
    }
  })
})
