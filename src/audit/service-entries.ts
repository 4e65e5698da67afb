import type { Issue } from '../domain/issue.ts'
import { objectOf, quote, quoteAll, quoteOrNull } from '../domain/json-text.ts'
import type { Entry } from './chain.ts'
import type { Records } from './keep.ts'
import type { Mask } from './mask.ts'

/** Mistakes of a rejected policy that are listed; the rest is counted. */
const MOST_ISSUES = 50

/** The service has started: what will be in the record from here on, and what will not. */
export function startEntry(version: string, records: Records, { inputs, ...fields }: Mask): Entry {
  const share = records.kind === 'sampled' ? records.share : null
  const names = Object.entries(inputs).map(([name, rule]) => [name, quote(rule)] as const)
  const mask = Object.entries(fields).map(([name, rule]) => [name, quote(rule)] as const)
  return {
    event: 'start',
    fields:
      `,"version":${quote(version)},"records":"${records.kind}","share":${share}` +
      `,"mask":${objectOf([...mask, ['inputs', objectOf(names)]])}`,
  }
}

/** The service is about to end, by a signal or for another reason. */
export function stopEntry(reason: string): Entry {
  return { event: 'stop', fields: `,"reason":${quote(reason)}` }
}

/** A policy decides from now on. */
export function policyLoadedEntry(policy: {
  readonly revision: string
  /** SHA-256 of the texts of its files, as JSON; the revision is its beginning. */
  readonly digest: string
  readonly files: readonly string[]
  readonly rules: number
}): Entry {
  const { revision, digest, files, rules } = policy
  return {
    event: 'policy-loaded',
    fields: `,"policy":{"revision":${quote(revision)},"digest":${quote(digest)},"files":${quoteAll(files)},"rules":${rules}}`,
  }
}

/** A policy was refused; `serving` is the revision that goes on in its place, null when there is none. */
export function policyRejectedEntry(issues: readonly Issue[], serving: string | null): Entry {
  const errors = issues.filter(({ severity }) => severity === 'error')
  const shown = errors
    .slice(0, MOST_ISSUES)
    .map(({ code, file, line }) => `${file}:${line} ${code}`)
  return {
    event: 'policy-rejected',
    fields: `,"issues":${quoteAll(shown)},"errors":${errors.length},"policy":{"revision":${quoteOrNull(serving)}}`,
  }
}

/** An issuer's keys are others than before. */
export function keysChangedEntry(issuer: string): Entry {
  return { event: 'keys-changed', fields: `,"issuer":${quote(issuer)}` }
}
