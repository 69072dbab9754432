import type { EmbeddedContext } from '../context.js'
import { filesCapabilities } from './files-capabilities.js'

/** What a visitor without a login sees. */
export function anonymousCapabilities(origin: string): Record<string, unknown> {
  return {
    bruteforce: { delay: 0, 'allow-listed': false },
    app_api: { version: '32.0.0' },
    theming: theming(origin),
  }
}

/** What a logged-in user sees: only the apps that the embedded Nextcloud has something of. */
export function userCapabilities(ctx: EmbeddedContext, origin: string): Record<string, unknown> {
  return {
    core: {
      pollinterval: 60,
      'webdav-root': 'remote.php/webdav',
      'reference-api': true,
      'reference-regex': REFERENCE_REGEX,
      'mod-rewrite-working': false,
      user: { language: '', locale: '', timezone: 'UTC' },
    },
    bruteforce: { delay: 0, 'allow-listed': false },
    files: filesCapabilities(origin),
    app_api: { loglevel: 2, version: '32.0.0' },
    dav: {
      chunking: '1.0',
      public_shares_chunking: false,
      bulkupload: '1.0',
      'absence-supported': true,
      'absence-replacement': true,
    },
    notes: {
      api_version: ['0.2', '1.3', '1.4'],
      version: ctx.profile.apps['notes'] ?? '',
      notes_path: 'Notes',
    },
    tables: {
      enabled: true,
      version: ctx.profile.apps['tables'] ?? '',
      apiVersions: ['1.0', '2.0', '2.1'],
      features: ['favorite', 'archive'],
      isCirclesEnabled: true,
      column_types: COLUMN_TYPES,
    },
    deck: {
      version: ctx.profile.apps['deck'] ?? '',
      canCreateBoards: true,
      apiVersions: ['1.0', '1.1'],
    },
    provisioning_api: {
      version: '1.22.0',
      AccountPropertyScopesVersion: 2,
      AccountPropertyScopesFederatedEnabled: true,
      AccountPropertyScopesPublishedEnabled: false,
    },
    theming: theming(origin),
  }
}

const COLUMN_TYPES = [
  'text-line',
  'text-rich',
  'text-link',
  'number',
  'number-stars',
  'number-progress',
  'selection',
  'selection-multi',
  'selection-check',
  'datetime',
  'datetime-date',
  'datetime-time',
  'usergroup',
]

const REFERENCE_REGEX =
  '(\\s|\\n|^)(https?:\\/\\/)([-A-Z0-9+_.]+(?::[0-9]+)?(?:\\/[-A-Z0-9+&@#%?=~_|!:,.;()]*)*)(\\s|\\n|$)'

function theming(origin: string): Record<string, unknown> {
  const logo = `${origin}/core/img/logo/logo.svg?v=0`
  return {
    name: 'Nextcloud',
    productName: 'Nextcloud',
    url: 'https://nextcloud.com',
    slogan: 'a safe home for all your data',
    color: '#00679e',
    'color-text': '#ffffff',
    'color-element': '#00679e',
    'color-element-bright': '#00679e',
    'color-element-dark': '#00679e',
    logo,
    background: `${origin}/apps/theming/img/background/jo-myoung-hee-fluid.webp`,
    'background-text': '#ffffff',
    'background-plain': false,
    'background-default': true,
    logoheader: logo,
    favicon: logo,
  }
}
