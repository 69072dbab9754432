import { describe, expect, it } from 'vitest'
import { RegistrationGate } from '../../src/race/registration-gate.js'
import { SimulatedTime } from '../../src/race/simulated-time.js'
import { StopLaboratory } from '../../src/race/wire.js'

/** Most registrations that reached the other side within any minute. */
function mostInAMinute(atMs: readonly number[]): number {
  return Math.max(...atMs.map((from) => atMs.filter((at) => at >= from && at < from + 60_000).length))
}

describe('the gate of registrations', () => {
  it('never lets more than ten through in any minute, whoever asks when', async () => {
    const clock = new SimulatedTime()
    const gate = new RegistrationGate({ clock, perMinute: 10 })
    const reached: number[] = []
    const registerTwentyTimes = async (): Promise<void> => {
      for (let count = 0; count < 20; count += 1) {
        await gate.pass(async () => {
          await clock.sleep(40)
          reached.push(clock.nowMs())
          await clock.sleep(700)
        })
        await clock.sleep(count * 300)
      }
    }
    await registerTwentyTimes()
    await registerTwentyTimes()
    expect(reached).toHaveLength(40)
    expect(mostInAMinute(reached)).toBe(10)
    // Forty at ten a minute need three minutes, and not much more.
    expect((reached.at(-1) ?? 0) - (reached[0] ?? 0)).toBeLessThan(260_000)
  })

  it('lets all through without a limit', async () => {
    const clock = new SimulatedTime()
    const gate = new RegistrationGate({ clock })
    const began = clock.nowMs()
    for (let count = 0; count < 50; count += 1) await gate.pass(() => Promise.resolve())
    expect(clock.nowMs()).toBe(began)
    expect(gate.spent).toBe(50)
  })

  it('says before it pauses, and keeps places free for those who start together', async () => {
    const clock = new SimulatedTime()
    const pauses: number[] = []
    const gate = new RegistrationGate({ clock, perMinute: 10, onPause: (ms) => pauses.push(ms) })
    for (let count = 0; count < 8; count += 1) await gate.pass(() => Promise.resolve())
    await gate.whenOpen(2)
    expect(pauses).toEqual([])
    await gate.whenOpen(3)
    expect(pauses).toHaveLength(1)
    expect(pauses[0]).toBeGreaterThanOrEqual(60_000)
  })

  it('ends when the budget is spent, and counts what failed', async () => {
    const gate = new RegistrationGate({ clock: new SimulatedTime(), budget: 2 })
    await expect(gate.pass(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await gate.pass(() => Promise.resolve())
    expect(gate.left).toBe(0)
    await expect(gate.pass(() => Promise.resolve())).rejects.toBeInstanceOf(StopLaboratory)
    expect(gate.spent).toBe(2)
  })
})
