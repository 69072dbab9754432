import { describe, expect, it } from 'vitest'
import { SimulatedTime } from '../../src/race/simulated-time.js'

describe('simulated time', () => {
  it('jumps over pauses and stands still otherwise', async () => {
    const clock = new SimulatedTime()
    const began = clock.nowMs()
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.nowMs()).toBe(began)
    await clock.sleep(3_600_000)
    expect(clock.nowMs()).toBe(began + 3_600_000)
  })

  it('interleaves tasks by time, and by order where the time is the same', async () => {
    const clock = new SimulatedTime()
    const began = clock.nowMs()
    const seen: string[] = []
    const task = (name: string, pauses: readonly number[]) => async () => {
      for (const pause of pauses) {
        await clock.sleep(pause)
        // Work that takes real time does not let the others by.
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(`${name}${clock.nowMs() - began}`)
      }
    }
    await clock.together([task('a', [10, 20, 5]), task('b', [10, 5]), task('c', [1])])
    expect(seen).toEqual(['c1', 'a10', 'b10', 'b15', 'a30', 'a35'])
    expect(clock.nowMs()).toBe(began + 35)
  })

  it('goes on for the caller when the last task has ended, nested too', async () => {
    const clock = new SimulatedTime()
    const began = clock.nowMs()
    await clock.together([
      () => clock.together([() => clock.sleep(30), () => clock.sleep(10)]),
      () => clock.sleep(20),
    ])
    await clock.sleep(1)
    expect(clock.nowMs()).toBe(began + 31)
  })

  it('waits for all tasks before it passes on what one threw', async () => {
    const clock = new SimulatedTime()
    const began = clock.nowMs()
    const failing = clock.together([
      () => Promise.reject(new Error('first')),
      async () => {
        await clock.sleep(50)
      },
    ])
    await expect(failing).rejects.toThrow('first')
    expect(clock.nowMs()).toBe(began + 50)
  })
})
