import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { readReport } from '../../src/report/read.js'
import { fixtureReport } from './fixture-report.js'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ncmc-read-'))
})
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true })
})

describe('a report', () => {
  it('is read by its file or by its folder, and knows where its pictures are', async () => {
    await mkdir(join(cwd, 'out'))
    await writeFile(join(cwd, 'out', 'report.json'), JSON.stringify(fixtureReport()))
    const expected = { file: join('out', 'report.json'), folder: join(cwd, 'out'), report: fixtureReport() }
    await expect(readReport('out', cwd)).resolves.toEqual(expected)
    await expect(readReport('out/report.json', cwd)).resolves.toEqual(expected)
  })

  it.each([
    ['that is not there', undefined, /^report\.json is not there; name a report\.json/],
    ['that is no JSON', '{"schemaVersion": 1,', /^report\.json is no JSON; name/],
    [
      'of another schema version',
      JSON.stringify({ ...fixtureReport(), schemaVersion: 2 }),
      /^report\.json has schema version "2", not 1; use the version of nc-mcp-conformance/,
    ],
    [
      'with a verdict that does not exist',
      JSON.stringify({ ...fixtureReport(), results: [{ ...fixtureReport().results[0], verdict: 'fine' }] }),
      /does not follow the report schema at "results\.0\.verdict"; name/,
    ],
    ['that is another JSON file', '[]', /does not follow the report schema; name/],
  ])('%s is refused with its path and the fix', async (_what, text, message) => {
    if (text !== undefined) await writeFile(join(cwd, 'report.json'), text)
    const refusal = readReport('report.json', cwd)
    await expect(refusal).rejects.toThrow(UsageError)
    await expect(refusal).rejects.toMatchObject({
      code: 'NCMC_REPORT',
      message: expect.stringMatching(message),
    })
  })

  it('of a folder without one is refused', async () => {
    await mkdir(join(cwd, 'empty'))
    await expect(readReport('empty', cwd)).rejects.toThrow(/^empty\/report\.json is not there/)
    await expect(readReport('empty/report.json/more', cwd)).rejects.toThrow(/is not there/)
  })
})
