import { describe, expect, it } from 'vitest'
import type { Mutant } from '../../src/catalogue/check.js'
import type { Verdict } from '../../src/report/model.js'
import { changersAmong, type TogetherVerdict } from '../../src/engine/together.js'

const [a, b, c, d] = ['s-one', 's-two', 's-three', 's-four'] as unknown as [Mutant, Mutant, Mutant, Mutant]
const ALL = [a, b, c, d]

/** A cell of which `judge` tells the verdict, and `asks` what it asks about. */
function cellThat(
  judge: (on: readonly Mutant[]) => Verdict,
  asks: (on: readonly Mutant[]) => readonly Mutant[] = () => ALL,
) {
  const runs: (readonly Mutant[])[] = []
  const run = (on: readonly Mutant[]): Promise<TogetherVerdict> => {
    runs.push(on)
    return Promise.resolve({ verdict: judge(on), message: `under ${on.join()}`, asked: asks(on) })
  }
  return { run, runs }
}

describe('mutants that run together on one cell', () => {
  it('are cleared by one run that they do not change', async () => {
    const { run, runs } = cellThat(() => 'passed')
    expect(await changersAmong(ALL, 'passed', run)).toEqual([])
    expect(runs).toEqual([ALL])
  })

  it('are halved until the one is found that changes the cell', async () => {
    const { run } = cellThat((on) => (on.includes(c) ? 'failed' : 'passed'))
    expect(await changersAmong(ALL, 'passed', run)).toEqual([
      { mutant: c, verdict: 'failed', message: `under ${c}` },
    ])
  })

  it('are found one by one where several change it', async () => {
    const { run } = cellThat((on) => (on.includes(b) || on.includes(d) ? 'failed' : 'passed'))
    expect((await changersAmong(ALL, 'passed', run)).map(({ mutant }) => mutant)).toEqual([b, d])
  })

  it('are run again when another kept them from being asked about', async () => {
    // While a is on, nobody gets as far as d, which fails the cell by itself.
    const { run } = cellThat(
      (on) => (on.includes(d) && !on.includes(a) ? 'failed' : 'passed'),
      (on) => (on.includes(a) ? [a, b, c] : ALL),
    )
    expect((await changersAmong(ALL, 'passed', run)).map(({ mutant }) => mutant)).toEqual([d])
  })

  it('are not blamed for what only two of them do', async () => {
    const { run } = cellThat((on) => (on.includes(a) && on.includes(d) ? 'failed' : 'passed'))
    expect(await changersAmong(ALL, 'passed', run)).toEqual([])
  })

  it('are compared with the verdict without them, whatever it is', async () => {
    const { run } = cellThat((on) => (on.includes(a) ? 'passed' : 'known-deviation'))
    expect((await changersAmong(ALL, 'known-deviation', run)).map(({ mutant }) => mutant)).toEqual([a])
  })

  it('end where nobody asks about any', async () => {
    const { run, runs } = cellThat(
      () => 'passed',
      () => [],
    )
    expect(await changersAmong(ALL, 'passed', run)).toEqual([])
    expect(runs).toHaveLength(1)
  })
})
