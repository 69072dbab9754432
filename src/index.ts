export { CHECKS } from './catalogue/index.js'
export type { Check, CellMode, Mutant, Need, RequirementLevel, SuiteName } from './catalogue/check.js'
export { KNOWN_DEVIATIONS, type KnownDeviation } from './catalogue/deviations.js'
export { baselineSchema, type Baseline, type BaselineRow } from './baseline-schema.js'
export { defineConfig, type Config } from './config/define-config.js'
export { exitCodeOf, type ExitCode } from './engine/exit-code.js'
export { DEFAULT_WINDOWS, type RunSettings } from './engine/prepare.js'
export { runConformance, type RunEnvironment, type RunOutcome } from './engine/run.js'
export {
  runSelfTest,
  type MutantReport,
  type SelfTestOptions,
  type SelfTestReport,
} from './engine/self-test.js'
export { ERROR_CODES, HarnessError, NcmcError, UsageError, type ErrorCode } from './errors.js'
export { attachNextcloud, type AttachOptions } from './nextcloud/attached.js'
export { startContainerNextcloud, type ContainerNextcloud } from './nextcloud/container/index.js'
export { type AppSpec, type ContainerOptions } from './nextcloud/container/options.js'
export type { DatabaseReplica } from './nextcloud/container/replica.js'
export { startEmbeddedNextcloud, type EmbeddedNextcloud } from './nextcloud/embedded/index.js'
export type { Delay, PropagationLag } from './nextcloud/embedded/consistency.js'
export type { EmbeddedOptions } from './nextcloud/embedded/options.js'
export { PROFILE_NAMES, type ProfileName } from './nextcloud/embedded/profiles.js'
export type { Fault, Nextcloud, NextcloudUser } from './nextcloud/nextcloud.js'
export { CallbackServer } from './oauth/callback-server.js'
export { discoverAuthorizationServer } from './oauth/discovery.js'
export { registerClient, type RegisteredClient } from './oauth/registration.js'
export { mintTokens } from './oauth/tokens.js'
export { raceReportSchema, type RaceReport } from './race/model.js'
export type { CustomRemedy, RemedyContext } from './race/remedies/remedy.js'
export { comparisonSchema, type Comparison } from './report/compare.js'
export { reportSchema, type Result, type RunReport, type Verdict } from './report/model.js'
export type { RunUi } from './report/ui.js'
export {
  MODES,
  REVISIONS,
  type Mode,
  type Revision,
  type RunningServer,
  type ServerEnv,
} from './servers/server.js'
export { startReferenceServer } from './servers/start.js'
export { startStack, type Stack, type StackOptions } from './stack.js'
export { createUserAgent } from './user-agent/index.js'
export type { UserAgent } from './user-agent/user-agent.js'
