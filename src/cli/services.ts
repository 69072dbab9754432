import type { RunSettings } from '../engine/prepare.js'
import type { RunEnvironment, RunOutcome } from '../engine/run.js'
import type { SelfTestOptions, SelfTestReport, SelfTestUi } from '../engine/self-test.js'
import type { EmbeddedNextcloud } from '../nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../nextcloud/embedded/options.js'
import type { ContainerOptions } from '../nextcloud/container/options.js'
import type { EngineInfo } from '../nextcloud/container/engine.js'
import type { ContainerNextcloud } from '../nextcloud/container/index.js'
import type { PruneReport } from '../nextcloud/container/sweep.js'
import type { Nextcloud } from '../nextcloud/nextcloud.js'
import type { ReferenceServerProcessOptions } from '../servers/process.js'
import type { Mode, ServerEnv } from '../servers/server.js'
import type { ResolveBrowserOptions, ResolvedBrowser } from '../user-agent/resolve-browser.js'
import type { InitAnswers } from './init-questions.js'
import type { CliTokens, MintForCliInput } from './mint.js'

/** What commands start. Tests put their own in; the real ones are loaded when a command needs them. */
export interface Services {
  runConformance(settings: RunSettings, environment: RunEnvironment): Promise<RunOutcome>
  runSelfTest(options: SelfTestOptions, ui: SelfTestUi): Promise<SelfTestReport>
  startEmbeddedNextcloud(
    options: EmbeddedOptions,
  ): Promise<Pick<Nextcloud, 'baseUrl' | 'users' | 'stop'> & Pick<EmbeddedNextcloud, 'control'>>
  startContainerNextcloud(
    options: ContainerOptions,
  ): Promise<Pick<ContainerNextcloud, 'baseUrl' | 'allUsers' | 'users' | 'stop'>>
  runReferenceServerProcess(
    mode: Mode,
    env: ServerEnv,
    options: ReferenceServerProcessOptions,
  ): Promise<0 | 1>
  mintForCli(input: MintForCliInput): Promise<CliTokens>
  mergePlaywrightReports(blobs: readonly string[], folder: string, signal: AbortSignal): Promise<void>
  pruneContainers(): Promise<PruneReport>
  findEngine(): Promise<EngineInfo>
  resolveBrowser(options: ResolveBrowserOptions): Promise<ResolvedBrowser>
  /** `undefined` when the person stopped. */
  askForInit(signal: AbortSignal): Promise<InitAnswers | undefined>
}

/** The real ones. Loaded late: `serve` is started many times in a run, and must not wait for a browser driver. */
export const SERVICES: Services = {
  async runConformance(settings, environment) {
    return (await import('../engine/run.js')).runConformance(settings, environment)
  },
  async runSelfTest(options, ui) {
    return (await import('../engine/self-test.js')).runSelfTest(options, ui)
  },
  async startEmbeddedNextcloud(options) {
    return (await import('../nextcloud/embedded/index.js')).startEmbeddedNextcloud(options)
  },
  async startContainerNextcloud(options) {
    return (await import('../nextcloud/container/index.js')).startContainerNextcloud(options)
  },
  async runReferenceServerProcess(mode, env, options) {
    return (await import('../servers/process.js')).runReferenceServerProcess(mode, env, options)
  },
  async mintForCli(input) {
    return (await import('./mint.js')).mintForCli(input)
  },
  async mergePlaywrightReports(blobs, folder, signal) {
    return (await import('../engine/playwright-reports.js')).mergePlaywrightReports(blobs, folder, signal)
  },
  async pruneContainers() {
    return (await import('../nextcloud/container/sweep.js')).prune()
  },
  async findEngine() {
    return (await import('../nextcloud/container/engine.js')).findEngine()
  },
  async askForInit(signal) {
    const { askForInit } = await import('./init-questions.js')
    return askForInit({ input: process.stdin, output: process.stdout, signal })
  },
  async resolveBrowser(options) {
    return (await import('../user-agent/resolve-browser.js')).resolveBrowser(options)
  },
}
