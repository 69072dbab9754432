import { readFileSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readState, stateFile } from '../../src/nextcloud/embedded-image/image-state.js'
import { emptyWebRoot, installed } from './support.js'

describe('occ before the installation', () => {
  it('knows status and maintenance:install only', () => {
    const { occ } = emptyWebRoot()
    expect(occ(['status']).out).toContain('installed: false')
    expect(occ(['app:list'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Command "app:list" is not defined.'),
    })
  })

  it('installs with name and password only, and once', () => {
    const { occ } = emptyWebRoot()
    expect(occ(['maintenance:install']).code).toBe(1)
    const admin = { NEXTCLOUD_ADMIN_USER: 'admin', NEXTCLOUD_ADMIN_PASSWORD: 'admin-password' }
    expect(occ(['maintenance:install'], admin).code).toBe(0)
    expect(occ(['maintenance:install'], admin).code).toBe(1)
    expect(occ(['status']).out).toContain('installed: true')
  })
})

describe('occ', () => {
  it('refuses unknown commands, options and missing arguments with exit code 1', () => {
    const { occ } = installed()
    for (const [args, complaint] of [
      [['nonsense'], 'Command "nonsense" is not defined.'],
      [['status', '--nonsense'], 'The "--nonsense" option does not exist.'],
      [['app:getpath'], 'Not enough arguments (missing: "app").'],
      [['app:getpath', 'a', 'b'], 'Too many arguments'],
    ] as const) {
      expect(occ(args)).toMatchObject({ code: 1, err: expect.stringContaining(complaint) })
    }
  })

  it('refuses everybody but the owner of the state', () => {
    const { occ } = installed()
    expect(occ(['status']).code).toBe(0)
    expect(occ(['status'], {}, 4711)).toMatchObject({
      code: 1,
      out: expect.stringContaining('Current user id: 4711'),
    })
  })

  it('keeps the state readable by its owner only, without a password in it', () => {
    const { occ, webRoot } = installed()
    expect(occ(['user:add', '--password-from-env', 'alice'], { OC_PASS: 'alice-password' }).code).toBe(0)
    expect(statSync(stateFile(webRoot)).mode & 0o777).toBe(0o600)
    expect(readFileSync(stateFile(webRoot), 'utf8')).not.toMatch(/alice-password|admin-password/)
  })

  it('keeps system values of every type, below several keys', () => {
    const { occ, webRoot } = installed()
    const set = (...args: string[]): number => occ(['config:system:set', ...args]).code
    expect(set('trusted_domains', '1', '--value=nextcloud')).toBe(0)
    expect(set('user_oidc', 'oidc_provider_bearer_validation', '--type=boolean', '--value', 'true')).toBe(0)
    expect(set('loglevel', '--type=integer', '--value=1')).toBe(0)
    expect(set('loglevel', '--type=integer', '--value=loud')).toBe(1)
    expect(set('debug', '--type=boolean', '--value=perhaps')).toBe(1)
    expect(readState(webRoot)?.system).toMatchObject({
      trusted_domains: { 0: 'localhost', 1: 'nextcloud' },
      user_oidc: { oidc_provider_bearer_validation: true },
      loglevel: 1,
    })
    expect(occ(['config:system:get', 'trusted_domains', '1']).out).toBe('nextcloud')
    expect(occ(['config:system:get', 'trusted_domains']).out).toBe('localhost\nnextcloud')
    expect(occ(['config:system:get', 'loglevel', '--output=json']).out).toBe('1')
    expect(occ(['config:system:delete', 'trusted_domains', '1']).code).toBe(0)
    expect(occ(['config:system:get', 'trusted_domains', '1']).code).toBe(1)
    expect(occ(['config:system:get', 'nothing', '--default-value=x']).out).toBe('x')
  })

  it('keeps app values, and lists them', () => {
    const { occ } = installed()
    expect(occ(['config:app:set', '--value=true', '--', 'oidc', 'dynamic_client_registration']).code).toBe(0)
    expect(occ(['config:app:get', 'oidc', 'dynamic_client_registration']).out).toBe('true')
    expect(JSON.parse(occ(['config:list', 'oidc']).out)).toEqual({
      apps: { oidc: { dynamic_client_registration: 'true' } },
    })
    expect(occ(['config:app:delete', 'oidc', 'dynamic_client_registration']).code).toBe(0)
    expect(occ(['config:app:get', 'oidc', 'dynamic_client_registration']).code).toBe(1)
  })

  it('installs apps of the store and of archives, in the version that these have', () => {
    const { occ } = installed({ NCMC_PROFILE: 'oidc-1.9.0' })
    expect(occ(['app:getpath', 'oidc']).code).toBe(1)
    expect(occ(['app:install', 'oidc']).code).toBe(0)
    expect(occ(['app:install', 'oidc']).code).toBe(1)
    expect(occ(['app:enable', 'notes', 'calendar']).code).toBe(0)
    expect(occ(['app:enable', 'no_such_app']).code).toBe(1)
    expect(occ(['app:disable', 'firstrunwizard']).code).toBe(0)
    const { enabled, disabled } = JSON.parse(occ(['app:list', '--output=json']).out) as Record<string, object>
    expect(enabled).toMatchObject({ oidc: '1.9.0', notes: '4.13.1' })
    expect(disabled).toEqual({ firstrunwizard: '5.0.0' })
    expect(occ(['app:getpath', 'oidc']).out).toMatch(/\/custom_apps\/oidc$/)
  })

  it('makes users whatever may be in their id, changes and removes them', () => {
    const { occ } = installed()
    const password = { OC_PASS: 'first-password' }
    const userId = "zoe o'neil_m-1.x@example.com"
    expect(occ(['user:add', '--password-from-env', '--display-name=Zoë', '--', userId], password).code).toBe(
      0,
    )
    expect(occ(['user:add', '--password-from-env', '--', userId], password).code).toBe(1)
    expect(occ(['user:add', '--password-from-env', 'no-password']).code).toBe(1)
    expect(occ(['user:setting', '--', userId, 'settings', 'email', 'zoe@example.com']).code).toBe(0)
    expect(JSON.parse(occ(['user:info', '--output=json', '--', userId]).out)).toMatchObject({
      user_id: userId,
      display_name: 'Zoë',
      email: 'zoe@example.com',
    })
    expect(JSON.parse(occ(['user:list', '--output=json']).out)).toEqual({ admin: 'admin', [userId]: 'Zoë' })
    expect(occ(['user:resetpassword', '--password-from-env', 'nobody'], password).code).toBe(1)
    expect(occ(['user:delete', '--', userId]).code).toBe(0)
    expect(occ(['user:info', '--', userId]).code).toBe(1)
  })

  it('refuses the user ids, addresses and passwords that a real one refuses', () => {
    const { occ } = installed()
    const add = (userId: string, password: string, ...options: string[]): number =>
      occ(['user:add', '--password-from-env', ...options, '--', userId], { OC_PASS: password }).code
    const known = (userId: string): boolean => occ(['user:info', '--', userId]).code === 0
    for (const userId of ['zoë', 'a/b', 'a:b', ' a']) expect(add(userId, 'long-enough')).toBe(1)
    expect(add('short', '123456789')).toBe(1)
    expect(known('short')).toBe(false)
    // The user is made all the same.
    expect(add('unreachable', 'long-enough', '--email=broken')).toBe(1)
    expect(known('unreachable')).toBe(true)
    expect(occ(['user:resetpassword', '--password-from-env', 'unreachable'], { OC_PASS: 'x' }).code).toBe(1)
  })
})
