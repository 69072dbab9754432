import { describe, expect, it } from 'vitest'
import { createProbe } from '../../src/mcp/probe.js'

const URL = 'http://127.0.0.1:1/mcp'

/** A probe whose server answers with these parts of an event stream. */
function probeOf(parts: readonly string[], onRead: (part: number) => void = () => undefined) {
  return createProbe(() => {
    let next = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const part = parts[next]
          onRead(next)
          next += 1
          if (part === undefined) controller.close()
          else controller.enqueue(new TextEncoder().encode(part))
        },
      },
      { highWaterMark: 0 },
    )
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
  }, '2025-11-25')
}

describe('a probe', () => {
  it('reads an event stream until its response, however it is cut into parts', async () => {
    const message = JSON.stringify({ jsonrpc: '2.0', id: 7, result: { text: 'a\u2028b' } })
    const event = `event: message\ndata: ${message}\n\n`
    const parts = [...event.match(/[^]{1,10}/g)!, 'data: {"never":"read"}\n\n']
    let read = 0
    const result = await probeOf(parts, (part) => {
      read = part
    })(URL)
    expect(result.message).toEqual({ jsonrpc: '2.0', id: 7, result: { text: 'a\u2028b' } })
    expect(read).toBeLessThan(parts.length - 1)
  })

  it('reads no more of a body than it is told to', async () => {
    const data = `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result: { text: 'x'.repeat(50_000) } })}\n\n`
    const parts = data.match(/[^]{1,1000}/g)!
    const cut = await probeOf(parts)(URL, { maxCharacters: 10_000 })
    expect([cut.text.length, cut.message]).toEqual([11_000, undefined])
    const whole = await probeOf(parts)(URL, { maxCharacters: 100_000 })
    expect(whole.message?.result?.['text']).toHaveLength(50_000)
  })
})
