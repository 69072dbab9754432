import { describe, expect, it } from 'vitest'
import type { StepMeasurement } from '../../src/race/model.js'
import {
  alwaysFromMs,
  alwaysText,
  answerText,
  cleanReport,
  failingStep,
  millisecondsText,
  percentText,
  rateAtOnce,
} from '../../src/race/output/readings.js'
import { fixtureReport, rateOf } from './fixture-report.js'

function stepOf(points: Readonly<Record<number, number>>, trials = 10): StepMeasurement {
  return {
    cause: 'token-lag',
    step: 'userinfo',
    points: Object.entries(points).map(([delayMs, succeeded]) => ({
      delayMs: Number(delayMs),
      rate: rateOf(succeeded, trials),
    })),
    failingAnswers: [],
  }
}

describe('the delay from which on a step always succeeds', () => {
  it('is the one after the last failure, in whatever order the points come', () => {
    expect(alwaysFromMs(stepOf({ 0: 0, 500: 10, 1_000: 9, 2_000: 10, 3_000: 10 }))).toBe(2_000)
    const reversed = stepOf({ 0: 0, 100: 10 })
    expect(alwaysFromMs({ ...reversed, points: reversed.points.toReversed() })).toBe(100)
    expect(alwaysText(stepOf({ 0: 10, 100: 10 }))).toBe('0 ms')
  })

  it('is unknown when the longest delay still fails, or nothing was tried', () => {
    expect(alwaysFromMs(stepOf({ 0: 0, 2_250: 9 }))).toBeUndefined()
    expect(alwaysText(stepOf({ 0: 0, 2_250: 9 }))).toBe('not within 2.25 s')
    expect(alwaysFromMs(stepOf({ 0: 0 }, 0))).toBeUndefined()
    expect(alwaysText(stepOf({}))).toBe('–')
  })

  it('knows what succeeds at once only where that was tried', () => {
    expect(rateAtOnce(stepOf({ 0: 3, 100: 10 }))?.succeeded).toBe(3)
    expect(rateAtOnce(stepOf({ 100: 10 }))).toBeUndefined()
  })
})

describe('numbers and texts', () => {
  it('never rounds a share to all or to nothing', () => {
    expect([0, 0.0001, 0.5, 0.9999, 1, Number.NaN].map(percentText)).toEqual([
      '0 %',
      '0.1 %',
      '50.0 %',
      '99.9 %',
      '100 %',
      '–',
    ])
  })

  it('tells delays apart', () => {
    expect([0, 1.25, 12.4, 999.6, 2_250, 61_000].map(millisecondsText)).toEqual([
      '0 ms',
      '1.3 ms',
      '12 ms',
      '1 s',
      '2.25 s',
      '61 s',
    ])
  })

  it('shows an answer with what it says, in one line', () => {
    expect(answerText({ status: 400, error: 'invalid_grant', description: 'a\nb', count: 1 })).toBe(
      '400 invalid_grant “a b”',
    )
    expect(answerText({ status: 401, step: 'read-client', count: 1 })).toBe('read-client: 401')
    expect(answerText({ status: null, count: 1 })).toBe('no answer')
    expect(answerText({ status: 429, error: '', description: '', count: 1 })).toBe('429')
  })

  it('takes control characters and halves of characters from every text, and caps it', () => {
    const report = fixtureReport()
    const text = `\u001b[2J\u202e${'😀'.repeat(600)}`
    const clean = cleanReport({ ...report, diagnoses: [{ cause: 'none', sentence: text }] })
    expect(clean.diagnoses[0]?.sentence).toMatch(/^�\[2J�(😀)+�?…$/u)
    expect(clean.diagnoses[0]?.sentence).toHaveLength(1_000)
    expect({ ...clean, diagnoses: report.diagnoses }).toMatchObject({ seed: 42, spent: report.spent })
  })
})

describe('the failing step of a cause', () => {
  it('is the diagnosed one, else the one that fails most at once, else none', () => {
    const report = fixtureReport()
    expect(failingStep(report, 'replica-lag')?.step).toBe('token')
    expect(failingStep({ ...report, diagnoses: [] }, 'replica-lag')?.step).toBe('read-client')
    expect(failingStep(report, 'none')).toBeUndefined()
  })
})
