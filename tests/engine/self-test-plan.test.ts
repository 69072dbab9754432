import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { planSelfTest, type NamedMutant, type ProfiledCell } from '../../src/engine/self-test-plan.js'

const [first, second] = CHECKS
if (first === undefined || second === undefined) throw new Error('the catalogue is empty')

/** The plan knows mutants by name only: these need not exist. */
function named(
  check: NamedMutant['check'],
  link: Omit<NamedMutant['link'], 'id'> & { readonly id: string },
): NamedMutant {
  return { check, link: link as NamedMutant['link'] }
}

function cell(check: string, asked: readonly string[], profile: ProfiledCell['profile'] = 'oidc-2.0.9') {
  return { check, mode: 'oauth', verdict: 'passed', message: '', asked, durationMs: 1, profile } as const
}

const names = (cells: readonly ProfiledCell[]): string[] => cells.map(({ check }) => check)

describe('plan of a self-test', () => {
  const cells = [
    cell(first.id, ['s-a', 's-b']),
    cell(second.id, ['s-a', 's-b']),
    cell('x.listed', ['s-a', 's-b']),
    cell('x.other', ['s-a']),
    cell('x.never', []),
    cell(first.id, ['s-a'], 'strict'),
  ]
  const mutants = [
    named(first, { id: 's-a', alsoRed: ['x.listed', 'x.never'] }),
    named(second, { id: 's-b', alsoNotTestable: ['x.listed'] }),
  ]

  it('runs a mutant alone where it is to change something, and nowhere else', () => {
    const { alone } = planSelfTest(mutants, cells, false)
    expect(alone.map(({ link, cells: own }) => [link.id, names(own)])).toEqual([
      ['s-a', [first.id, 'x.listed']],
      ['s-b', [second.id, 'x.listed']],
    ])
  })

  it('runs those together that a cell asks about and should withstand', () => {
    const { together } = planSelfTest(mutants, cells, false)
    expect(together.map(({ cell: { check }, mutants: on }) => [check, on])).toEqual([
      [first.id, ['s-b']],
      [second.id, ['s-a']],
      ['x.other', ['s-a']],
    ])
  })

  it('leaves no cell to the crowd that any list of the mutant names', () => {
    const twice = [...mutants, named(second, { id: 's-a', alsoNotTestable: ['x.other'] })]
    const { together } = planSelfTest(twice, cells, false)
    expect(together.map(({ cell: { check }, mutants: on }) => [check, on])).toEqual([[first.id, ['s-b']]])
  })

  it('takes a mutant that may stop everything alone through every cell that asks', () => {
    const { alone, together } = planSelfTest(
      [named(first, { id: 's-a', alsoNotTestable: '*' })],
      cells,
      false,
    )
    expect(names(alone[0]?.cells ?? [])).toEqual([first.id, second.id, 'x.listed', 'x.other'])
    expect(together).toEqual([])
  })

  it('runs everything alone with every cell', () => {
    const { alone, together } = planSelfTest(mutants, cells, true)
    expect(alone.map(({ cells: own }) => own.length)).toEqual([5, 5])
    expect(together).toEqual([])
  })
})
