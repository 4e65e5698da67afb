import { z } from 'zod'
import type { Issue } from '../domain/issue.ts'
import { isTrustDomain } from '../domain/spiffe-id.ts'
import type { SourceFile } from '../policy/text/source-file.ts'
import { issuersOf, NAME } from './issuers.ts'
import { mistake } from './leaf.ts'

/** The name of a trust domain, without scheme. */
export const trustDomain = z.string().transform((value, context) => {
  if (isTrustDomain(value)) return value
  const hint = 'lower-case letters, digits and `.-_`, without spiffe://, such as prod.example.org'
  return mistake(context, 'bad-value', `\`${value}\` is not a trust domain`, hint)
})

/** The workloads that are known by their client certificates: a name for each trust domain, as issuers have one. */
export const spiffe = z.strictObject({
  trust_domains: z.record(z.string(), trustDomain).prefault({}),
})

/** What the schema cannot see: bad names, a name that is an issuer's, two names for one trust domain. */
export function spiffeIssues(file: SourceFile, data: unknown): Issue[] {
  const issuers = issuersOf(data).map(([name]) => name)
  const seen = new Map<unknown, string>()
  return trustDomainsOf(data).flatMap(([name, domain]) => {
    const other = seen.get(domain)
    seen.set(domain, other ?? name)
    const what = problem(name, issuers, other)
    return what === null
      ? []
      : [file.issue(file.spanOfKey(['spiffe', 'trust_domains', name]), what)]
  })
}

function problem(name: string, issuers: readonly string[], other: string | undefined) {
  if (!NAME.test(name)) {
    const hint = 'a lower-case letter, then lower-case letters, digits and `-`'
    return { code: 'bad-name', message: `\`${name}\` is not a name for a trust domain`, hint }
  }
  if (issuers.includes(name)) {
    const hint = 'give it another: subjects are told apart by it'
    return { code: 'duplicate-issuer', message: `\`${name}\` is the name of an issuer`, hint }
  }
  if (other === undefined) return null
  const message = `\`${name}\` and \`${other}\` are the same trust domain`
  return { code: 'duplicate-issuer', message, hint: 'remove one of them' }
}

function trustDomainsOf(data: unknown): [string, unknown][] {
  const { trust_domains: domains } = Object(Object(data).spiffe) as Record<string, unknown>
  const isMapping = typeof domains === 'object' && domains !== null && !Array.isArray(domains)
  return isMapping ? Object.entries(domains) : []
}
