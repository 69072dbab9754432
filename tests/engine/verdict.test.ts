import { describe, expect, test } from 'vitest'
import {
  defineCheck,
  judge,
  notTestable,
  satisfied,
  violated,
  type Check,
} from '../../src/catalogue/check.js'
import type { KnownDeviation } from '../../src/catalogue/deviations.js'
import { judgeOutcome } from '../../src/engine/verdict.js'
import { exitCodeOf } from '../../src/engine/exit-code.js'
import { planCells } from '../../src/engine/plan.js'
import type { Result, Verdict } from '../../src/report/model.js'

const check = (changes: Partial<Check> = {}): Check =>
  defineCheck({
    id: 'suite.check',
    suite: 'discovery',
    title: 'the rule holds',
    level: 'MUST',
    source: [{ document: 'RFC9728', clause: '3.3' }],
    modes: ['oauth'],
    mutants: [{ id: 's-aud-unchecked' }],
    run: () => Promise.resolve(satisfied()),
    ...changes,
  })

const deviation: KnownDeviation = {
  check: 'suite.check',
  finding: 'known',
  profiles: ['oidc-2.0.9'],
  title: 'what it does',
  effect: 'what it means.',
  recording: 'x',
}

const known = { id: 'known', message: 'the known way' }
const other = { id: 'other', message: 'another way' }

describe('verdicts', () => {
  test('a satisfied rule passes and makes its known deviations stale', () => {
    expect(judgeOutcome(check(), satisfied(), [])).toMatchObject({ verdict: 'passed', stale: [] })
    expect(judgeOutcome(check(), satisfied(), [deviation])).toMatchObject({
      verdict: 'passed',
      stale: [deviation],
    })
  })
  test('a known deviation that could not be seen is not stale', () => {
    const blind = judge([], undefined, ['known'])
    expect(judgeOutcome(check(), blind, [deviation, { ...deviation, finding: 'other' }]).stale).toEqual([
      { ...deviation, finding: 'other' },
    ])
  })
  test.each<[Check['level'], Verdict]>([
    ['MUST', 'failed'],
    ['MAY-when-offered', 'failed'],
    ['SHOULD', 'warning'],
    ['INFO', 'passed'],
  ])('a broken %s is %s', (level, verdict) => {
    expect(judgeOutcome(check({ level }), violated(other), []).verdict).toBe(verdict)
  })
  test('the SHOULD half of a MUST rule is a warning, unless the MUST half is broken too', () => {
    const should = { ...other, level: 'SHOULD' as const }
    expect(judgeOutcome(check(), violated(should), []).verdict).toBe('warning')
    expect(judgeOutcome(check(), violated(should, other), []).verdict).toBe('failed')
  })
  test('only the listed finding is a known deviation', () => {
    expect(judgeOutcome(check(), violated(known), [deviation])).toMatchObject({
      verdict: 'known-deviation',
      findings: [{ id: 'known', knownDeviation: 'what it does. what it means.' }],
    })
    expect(judgeOutcome(check(), violated(known, other), [deviation])).toMatchObject({
      verdict: 'failed',
      message: 'another way',
    })
    expect(judgeOutcome(check(), violated(known), []).verdict).toBe('failed')
  })
  test('a missing prerequisite is never green', () => {
    expect(judgeOutcome(check(), notTestable('no control'), [deviation])).toMatchObject({
      verdict: 'not-testable',
      message: 'no control',
      stale: [],
    })
  })
  test('judge() is satisfied only without findings', () => {
    expect(judge([])).toEqual({ kind: 'satisfied' })
    expect(judge([other, known])).toEqual({ kind: 'violated', findings: [other, known] })
  })
})

describe('exit code', () => {
  const results = (...verdicts: Verdict[]): Result[] => verdicts.map((verdict) => ({ verdict }) as Result)
  test.each<[string, Verdict[], number]>([
    ['all conforming', ['passed', 'known-deviation', 'not-applicable'], 0],
    ['a failure', ['passed', 'failed'], 1],
    ['a warning', ['passed', 'warning'], 1],
    ['not testable', ['passed', 'not-testable'], 1],
    ['our own error before everything', ['failed', 'error'], 3],
    ['nothing', [], 3],
  ])('%s', (_, verdicts, code) => {
    expect(exitCodeOf({ results: results(...verdicts), staleDeviations: [] })).toBe(code)
  })
  test('a stale known deviation is not green', () => {
    const stale = [{ check: 'suite.check', finding: 'known', profile: 'oidc-2.0.9' }]
    expect(exitCodeOf({ results: results('passed'), staleDeviations: stale })).toBe(1)
  })
  test('a baselined row does not count', () => {
    const [failed] = results('failed')
    expect(exitCodeOf({ results: [{ ...failed!, baselined: true }], staleDeviations: [] })).toBe(0)
  })

  test('does not count what is out of reach of a target given this way, unless nothing else was judged', () => {
    const [passed, unseen, broken] = results('passed', 'not-testable', 'not-testable')
    const outOfReach = { ...unseen!, outOfReach: true as const }
    expect(exitCodeOf({ results: [passed!, outOfReach], staleDeviations: [] })).toBe(0)
    expect(exitCodeOf({ results: [passed!, outOfReach, broken!], staleDeviations: [] })).toBe(1)
    expect(exitCodeOf({ results: [outOfReach, ...results('not-applicable')], staleDeviations: [] })).toBe(1)
  })
})

describe('plan', () => {
  const catalogue = [
    check({ id: 'a', modes: ['nextcloud'] }),
    check({ id: 'b', suite: 'tools', modes: ['basic', 'oauth'] }),
    check({ id: 'c', suite: 'parity', modes: ['both'] }),
  ]
  const plan = (selection: Partial<Parameters<typeof planCells>[1]>): string[] =>
    planCells(catalogue, { modes: ['basic', 'oauth'], suites: [], checks: [], ...selection }).map(
      (cell) => `${cell.check.id}:${cell.mode}`,
    )
  test('both modes have every cell', () => {
    expect(plan({})).toEqual(['a:nextcloud', 'b:basic', 'b:oauth', 'c:both'])
  })
  test('one mode has neither the comparison nor, without oauth, Nextcloud', () => {
    expect(plan({ modes: ['oauth'] })).toEqual(['a:nextcloud', 'b:oauth'])
    expect(plan({ modes: ['basic'] })).toEqual(['b:basic'])
  })
  test('suite and check narrow the plan', () => {
    expect(plan({ suites: ['tools'] })).toEqual(['b:basic', 'b:oauth'])
    expect(plan({ suites: ['tools'], checks: ['a'] })).toEqual([])
  })
})
