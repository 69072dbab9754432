import { davPath } from '../dav/multistatus.js'
import type { NextcloudClient } from '../nextcloud-client.js'
import { ToolError } from './tool.js'

export const CALDAV = '{urn:ietf:params:xml:ns:caldav}'

/** Declarations for the bodies of requests. */
export const NAMESPACES =
  'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/" ' +
  'xmlns:a="http://apple.com/ns/ical/" xmlns:oc="http://owncloud.org/ns"'
export const XML = { 'Content-Type': 'application/xml; charset=utf-8' }

/** @throws {ToolError} for a name that would lead somewhere else. */
export async function calendarPath(nextcloud: NextcloudClient, name: string): Promise<string> {
  return `${await objectPath(nextcloud, name)}/`
}

/** @throws {ToolError} for a name that would lead somewhere else. */
export async function objectPath(
  nextcloud: NextcloudClient,
  calendarName: string,
  ...below: string[]
): Promise<string> {
  if (!isName(calendarName)) throw new ToolError(`Not the name of a calendar: '${calendarName}'`)
  return davPath(['calendars', await nextcloud.userId(), calendarName, ...below])
}

/** Whether a text can be one segment of a path: dots and slashes would lead elsewhere, encoded ones too. */
export function isName(text: string): boolean {
  return text !== '' && text.length <= 255 && !/^\.{1,2}$|[/\\\u0000-\u001f\u007f\p{Surrogate}]/u.test(text)
}

/** A decoded path, percent-encoded again. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
