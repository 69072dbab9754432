/** What a page says about a check, for somebody whose server failed it. */
export interface Explanation {
  /** What goes wrong for users or attackers when the rule is broken: one to three sentences. */
  readonly why: string
  /** What is sent and what is looked at, black box: one to three sentences. */
  readonly observed: string
  /** How servers (or Nextcloud) usually come to fail it. */
  readonly failure: string
  /** What to do about it, concretely: names of headers, options, functions of common SDKs where true. */
  readonly fix: string
}
/** By check id. */
export type Explanations = Readonly<Record<string, Explanation>>
