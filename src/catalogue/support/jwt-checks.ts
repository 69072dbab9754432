/** Checks whose positive control is an accepted JWT: they say nothing where no good JWT can be had. */
export const CHECKS_WITH_GOOD_JWT = [
  'tokens.verify.alg-none',
  'tokens.verify.hs-confusion',
  'tokens.verify.foreign-key',
  'tokens.verify.exp-nbf',
  'tokens.verify.audience-exact',
  'tokens.verify.token-type',
  'tokens.verify.no-fallback-bypass',
  'rs.token.tampered',
  'rs.token.other-audience',
  'rs.token.audience-case',
  'rs.token.expired',
  'rs.cache.not-beyond-exp',
  'rs.token.other-issuer',
  'resilience.jwks.rotation',
  'resilience.jwks.bounded-fetch',
  'resilience.validation-outage.not-sticky',
] as const
