import fc from 'fast-check'

const { NCMC_FUZZ_SEED: chosen } = process.env

/**
 * The same cases on every run, so that a red test is a change of ours. `NCMC_FUZZ_SEED=random` looks for new ones, a
 * number repeats what a run printed.
 */
fc.configureGlobal(chosen === 'random' ? {} : { seed: Number(chosen ?? 32_002_009) })
