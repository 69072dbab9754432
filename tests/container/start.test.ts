import { afterAll, beforeAll, expect, it } from 'vitest'
import { HarnessError } from '../../src/errors.js'
import { connectEngine } from '../../src/nextcloud/container/engine.js'
import { startContainerNextcloud, type ContainerNextcloud } from '../../src/nextcloud/container/index.js'
import { newPassword, DEFAULT_APPS } from '../../src/nextcloud/container/options.js'
import { LABEL } from '../../src/nextcloud/container/owner.js'
import {
  describeOnEngine,
  IMAGE,
  inventory,
  ourContainers,
  type Inventory,
  newSince,
  NOTHING,
} from './support/engine.js'
import { discovery, whoAmI } from './support/requests.js'

describeOnEngine('a Nextcloud in a container', () => {
  let before: Inventory
  let nextcloud: ContainerNextcloud
  const stages: string[] = []

  beforeAll(async () => {
    before = await inventory()
    nextcloud = await startContainerNextcloud({ image: IMAGE, stage: (text) => stages.push(text) })
  })
  afterAll(async () => {
    await nextcloud.stop()
    expect(await newSince(before)).toEqual(NOTHING)
  })

  it('tells what it does, and has been verified', async () => {
    expect(stages.at(-1)).toBe('verifying')
    expect(await discovery(nextcloud.baseUrl)).toMatchObject({
      issuer: nextcloud.baseUrl,
      code_challenge_methods_supported: expect.arrayContaining(['S256']),
    })
  })

  it('listens on 127.0.0.1 only, on the port of its URL', async () => {
    const engine = await connectEngine()
    const own = (await ourContainers(engine)).find(({ Labels }) => Labels[LABEL] === 'nextcloud')!
    const { NetworkSettings } = await engine.getContainer(own.Id).inspect()
    expect(NetworkSettings.Ports['80/tcp']).toEqual([
      { HostIp: '127.0.0.1', HostPort: new URL(nextcloud.baseUrl).port },
    ])
  })

  it('keeps secrets out of everything that the engine shows of the container', async () => {
    const engine = await connectEngine()
    for (const { Id } of await ourContainers(engine)) {
      const text = JSON.stringify(await engine.getContainer(Id).inspect())
      for (const { password } of nextcloud.allUsers) expect(text).not.toContain(password)
      expect(text).not.toMatch(/(ADMIN|MYSQL|POSTGRES)_PASSWORD=/)
    }
  })

  it('lets every user in by password, whatever is in the id', async () => {
    expect(nextcloud.allUsers.some(({ userId }) => /.* .*@/.test(userId))).toBe(true)
    for (const user of nextcloud.allUsers) expect(await whoAmI(nextcloud.baseUrl, user)).toBe(user.userId)
    const wrong = { userId: 'alice', password: 'not this one' }
    expect(await whoAmI(nextcloud.baseUrl, wrong)).toBe(401)
  })

  it('has the apps of a run, and tells versions', async () => {
    const { version, apps } = await nextcloud.info()
    expect(version).toMatch(/^\d+\.\d+\.\d+/)
    expect(Object.keys(apps)).toEqual(expect.arrayContaining([...DEFAULT_APPS]))
    expect(apps['oidc']).toMatch(/^\d+\.\d+/)
    expect(await nextcloud.occ.version()).toBe(version)
  })

  it('changes app configuration, and the web server sees it', async () => {
    const key = 'dynamic_client_registration'
    await nextcloud.admin.setAppConfig('oidc', key, 'false')
    await expect
      .poll(() => discovery(nextcloud.baseUrl), { timeout: 10_000 })
      .not.toHaveProperty('registration_endpoint')
    await nextcloud.admin.setAppConfig('oidc', key, 'true')
    await expect
      .poll(() => discovery(nextcloud.baseUrl), { timeout: 10_000 })
      .toHaveProperty('registration_endpoint')
  })

  it('sets, types and deletes configuration through occ', async () => {
    const { occ } = nextcloud
    await occ.setAppConfig('notes', 'ncmc_test', ' a "quoted" $value; -- \n two lines')
    expect(await occ.run(['config:app:get', 'notes', 'ncmc_test'])).toContain(
      'a "quoted" $value; -- \n two lines',
    )
    await occ.setAppConfig('notes', 'ncmc_test', null)
    await expect(occ.run(['config:app:get', 'notes', 'ncmc_test'])).rejects.toThrow(HarnessError)
    await occ.setSystemConfig(['ncmc_test', 'number'], 7)
    await occ.setSystemConfig(['ncmc_test', 'truth'], false)
    const read = await occ.run(['config:system:get', 'ncmc_test', '--output=json'])
    expect(JSON.parse(read)).toEqual({ number: 7, truth: false })
  })

  it('changes a password, and creates a user or updates it', async () => {
    const user = {
      userId: "o'neil @home.org",
      displayName: 'Ünal “Ó” Neil',
      email: 'o@example.org',
      password: newPassword(),
    }
    await nextcloud.admin.createUser(user)
    expect(await whoAmI(nextcloud.baseUrl, user)).toBe(user.userId)
    const again = { ...user, password: newPassword() }
    await nextcloud.admin.createUser(again)
    expect(await whoAmI(nextcloud.baseUrl, again)).toBe(user.userId)
    expect(await whoAmI(nextcloud.baseUrl, user)).toBe(401)
    const third = { ...user, password: newPassword() }
    await nextcloud.admin.setUserPassword(third.userId, third.password)
    expect(await whoAmI(nextcloud.baseUrl, third)).toBe(user.userId)
    expect(await whoAmI(nextcloud.baseUrl, again)).toBe(401)
  })

  it('says which occ command failed, without its environment', async () => {
    const secret = newPassword()
    const failed = await nextcloud.occ
      .run(['user:resetpassword', '--password-from-env', 'nobody-of-that-name'], {
        OC_PASS: secret,
        NC_PASS: secret,
      })
      .catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 'NCMC_CONTAINER_FAILED',
      message: expect.stringContaining('user:resetpassword'),
    })
    expect(JSON.stringify(failed) + String(failed)).not.toContain(secret)
  })

  it('answers inside its network under its alias, with the public issuer', async () => {
    const engine = await connectEngine()
    const script = `const r = await fetch('${nextcloud.networkUrl}/.well-known/openid-configuration'); console.log((await r.json()).issuer)`
    const container = await engine.createContainer({
      Image: 'ncmc-embedded:test',
      Entrypoint: ['node', '--input-type=module', '-e', script],
      Cmd: [],
      HostConfig: { NetworkMode: nextcloud.networkName },
    })
    try {
      await container.start()
      await container.wait()
      expect(String(await container.logs({ stdout: true, stderr: true }))).toContain(nextcloud.baseUrl)
    } finally {
      await container.remove({ force: true, v: true })
    }
  })

  it('shows its logs', async () => {
    await whoAmI(nextcloud.baseUrl, { userId: 'alice', password: 'wrong' })
    expect(await nextcloud.logs()).toMatch(/10-ncmc-patches\.sh/)
  })
})
