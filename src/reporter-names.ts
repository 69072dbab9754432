/** Forms in which a run can be reported, in the order in which they are named. */
export const REPORTERS = ['html', 'json', 'junit', 'markdown', 'sarif', 'gitlab', 'badge', 'github'] as const
export type Reporter = (typeof REPORTERS)[number]

/** Those that nobody has to ask for. */
export const USUAL_REPORTERS: readonly Reporter[] = ['html', 'json', 'junit', 'markdown']
