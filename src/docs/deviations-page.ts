import { KNOWN_DEVIATIONS } from '../catalogue/deviations.js'
import { KNOWN_LIMITS } from '../catalogue/limits.js'
import { cellText, table } from './markdown.js'

/** `docs/known-deviations.md`: what Nextcloud's own apps are known to do, and what it means for a server. */
export function deviationsPage(): string {
  return [
    '# Known deviations of Nextcloud',
    '<!-- Made by `npm run docs` from src/catalogue/deviations.ts; a test fails when it differs. -->',
    [
      'What versions of the oidc app are known to do against the texts. A finding that is listed here is a verdict of its own,',
      'never a failure of a server; one that no longer happens ends a run with exit code 1, so that this list stays true.',
    ].join(' '),
    table(
      ['check', 'finding', 'where', 'what it does', 'what it means', 'seen in'],
      KNOWN_DEVIATIONS.map((row) => [
        `\`${row.check}\``,
        `\`${row.finding}\``,
        [...row.profiles, ...(row.userAgent === undefined ? [] : [`with the ${row.userAgent}`])].join(', '),
        cellText(row.title),
        cellText(row.effect),
        cellText(row.recording),
      ]),
    ),
    '## What a version does not have',
    'These checks do not apply there: `not-applicable`, with the reason.',
    table(
      ['check', 'where', 'reason', 'seen in'],
      KNOWN_LIMITS.map((row) => [
        `\`${row.check}\``,
        row.profiles.join(', '),
        cellText(row.reason),
        cellText(row.recording),
      ]),
    ),
    '',
  ].join('\n\n')
}
