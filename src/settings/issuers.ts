import type { Issue } from '../domain/issue.ts'
import { nearest } from '../domain/nearest.ts'
import type { SourceFile } from '../policy/text/source-file.ts'

/** Lower case, so that a name and its environment variables belong together one to one. */
const NAME = /^[a-z][a-z0-9-]{0,62}$/

/** The valid names of issuers in data that is not checked yet. */
export function issuerNames(data: unknown): string[] {
  return issuersOf(data)
    .map(([name]) => name)
    .filter((name) => NAME.test(name))
}

/**
 * What the schema cannot see: bad names, no issuer at all, two names for one issuer, names of issuers that there are not,
 * settings that nobody would heed.
 */
export function issuerIssues(file: SourceFile, data: unknown): Issue[] {
  const issuers = issuersOf(data)
  const issues = issuers.filter(([name]) => !NAME.test(name)).map(([name]) => badName(file, name))
  const seen = new Map<unknown, string>()
  for (const [name, issuer] of issuers) {
    const url = member(issuer, 'issuer')
    const other = seen.get(url)
    if (other !== undefined && url !== undefined) issues.push(duplicate(file, name, other))
    seen.set(url, other ?? name)
    issues.push(...withoutEffect(file, name, issuer))
  }
  issues.push(...unknownIssuers(file, data))
  const given = member(data, 'issuers')
  return isMapping(given) && issuers.length === 0 ? [...issues, none(file)] : issues
}

function issuersOf(data: unknown): [string, unknown][] {
  const issuers = member(data, 'issuers')
  return isMapping(issuers) ? Object.entries(issuers) : []
}

function member(value: unknown, name: string): unknown {
  return isMapping(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badName(file: SourceFile, name: string): Issue {
  return file.issue(file.spanOfKey(['issuers', name]), {
    code: 'bad-name',
    message: `\`${name}\` is not a name for an issuer`,
    hint: 'a lower-case letter, then lower-case letters, digits and `-`',
  })
}

function duplicate(file: SourceFile, name: string, other: string): Issue {
  return file.issue(file.spanOf(['issuers', name, 'issuer']), {
    code: 'duplicate-issuer',
    message: `\`${name}\` and \`${other}\` are the same issuer`,
    hint: 'a token must belong to one of them: remove the other, or join their audiences',
  })
}

/** For checking what Envoy's jwt_authn checks; the header of the token does not reach us then. */
const VERIFYING = ['algorithms', 'types', 'keys']

function withoutEffect(file: SourceFile, name: string, issuer: unknown): Issue[] {
  if (member(member(issuer, 'token'), 'metadata') === undefined) return []
  const given = VERIFYING.filter((key) => member(issuer, key) !== undefined)
  return given.map((key) =>
    file.issue(file.spanOfKey(['issuers', name, key]), {
      code: 'without-effect',
      message: `\`${key}\` has no effect on tokens from metadata: Envoy verifies them`,
      hint: 'remove it, and say it in the settings of jwt_authn',
    }),
  )
}

/** A dialect for tokens that nobody issues would never be spoken. */
function unknownIssuers(file: SourceFile, data: unknown): Issue[] {
  const dialects = member(member(data, 'challenge'), 'dialects')
  if (!Array.isArray(dialects)) return []
  const names = issuersOf(data).map(([name]) => name)
  return dialects.flatMap((entry: unknown, at) => {
    const name = member(entry, 'when_issuer')
    if (typeof name !== 'string' || names.includes(name)) return []
    const close = nearest(name, names)
    const issue = {
      code: 'unknown-issuer',
      message: `\`issuers\` has no \`${name}\``,
      hint: close ? `did you mean \`${close}\`?` : `known are ${names.join(', ')}`,
    }
    return [file.issue(file.spanOf(['challenge', 'dialects', at, 'when_issuer']), issue)]
  })
}

function none(file: SourceFile): Issue {
  return file.issue(file.spanOfKey(['issuers']), {
    code: 'empty',
    message: '`issuers` is empty',
    hint: 'name at least one provider whose tokens are accepted',
  })
}
