import { readRunInput } from '../config/options.js'
import { parseHttpUrl } from '../config/http-url.js'
import { UsageError, quoteUntrusted } from '../errors.js'
import { flagsOfRun, type Command } from './command.js'
import { choiceFlag, textFlag } from './flags.js'
import type { CliIo } from './io.js'

const SHARED = ['nextcloud', 'userAgent', 'alice', 'bob']

/** Mints a real token and prints it: the one command whose output is a secret. */
export const tokenCommand: Command = {
  name: 'token',
  summary: 'mint a real access token for a user of a Nextcloud that runs, and print it',
  flags: [
    {
      name: 'user',
      type: 'string',
      description: 'whose token',
      choices: ['alice', 'bob'],
      defaultText: 'alice',
    },
    {
      name: 'format',
      type: 'string',
      description: 'kind of access token',
      choices: ['opaque', 'jwt'],
      defaultText: 'opaque',
    },
    { name: 'resource', type: 'string', description: 'resource indicator (RFC 8707)', placeholder: '<url>' },
    { name: 'interactive', type: 'boolean', description: "log in yourself, in the system's browser" },
    { name: 'json', type: 'boolean', description: "print the token endpoint's whole answer as JSON" },
    ...flagsOfRun(({ key }) => SHARED.includes(key)),
  ],
  examples: [
    ['token --nextcloud http://localhost:8080', "alice's token; her password is NCMC_ALICE_PASSWORD"],
    ['token --nextcloud http://localhost:8080 --interactive --format jwt', 'log in yourself'],
  ],
  async run({ flags, env, io, services }) {
    const user = choiceFlag(flags, 'user', ['alice', 'bob']) ?? 'alice'
    const format = choiceFlag(flags, 'format', ['opaque', 'jwt']) ?? 'opaque'
    const resource = textFlag(flags, 'resource')
    const input = await readRunInput({ flags, env, cwd: io.cwd })
    if (input.nextcloud === 'embedded' || input.nextcloud === 'container') {
      throw new UsageError(
        'NCMC_USAGE',
        '--nextcloud <url> is needed: a token is of use only while its Nextcloud runs; `nc-mcp-conformance nextcloud` starts one',
      )
    }
    const issuer = parseHttpUrl(input.nextcloud, '--nextcloud').replace(/\/+$/, '')
    const interactive = flags['interactive'] === true
    if (interactive) requireTerminal(io)
    const password = user === 'alice' ? input.alicePassword : input.bobPassword
    if (!interactive && password === undefined) {
      throw new UsageError(
        'NCMC_USAGE',
        `NCMC_${user.toUpperCase()}_PASSWORD is not set; set it to the password of ${quoteUntrusted(input[user])}, or log in yourself with --interactive`,
      )
    }
    const tokens = await services.mintForCli({
      issuer,
      format,
      ...(resource === undefined ? {} : { resource: parseHttpUrl(resource, '--resource') }),
      ...(interactive || password === undefined
        ? {}
        : { login: { userAgent: input.userAgent, userId: input[user], password } }),
      signal: io.signal,
      onProgress: (line) => io.stderr.write(`${line}\n`),
    })
    io.stdout.write(`${flags['json'] === true ? JSON.stringify(tokens) : tokens.access_token}\n`)
    return 0
  },
}

function requireTerminal(io: CliIo): void {
  if (io.stdin.isTTY === true && io.stdout.isTTY === true) return
  throw new UsageError(
    'NCMC_NO_TERMINAL',
    '--interactive needs a person at a terminal; leave it out and set NCMC_ALICE_PASSWORD instead',
  )
}
