import type { Issue } from '../domain/issue.ts'
import { nearest } from '../domain/nearest.ts'
import type { NodePath, SourceFile } from '../policy/text/source-file.ts'
import type { RecordNames } from './schema-walk.ts'

/** A name of an issuer. Lower case, so that a name and its environment variables belong together one to one. */
export const NAME = /^[a-z][a-z0-9-]{0,62}$/

/** The valid names of issuers and of streams in data that is not checked yet. */
export function givenNames(data: unknown): RecordNames {
  const streams = member(member(data, 'shared_signals'), 'streams')
  const valid = (record: unknown) =>
    Object.keys(isMapping(record) ? record : {}).filter((name) => NAME.test(name))
  return { issuers: valid(member(data, 'issuers')), 'shared_signals.streams': valid(streams) }
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
  issues.push(...unknownIssuers(file, data), ...severalIntrospect(file, issuers))
  const given = member(data, 'issuers')
  return isMapping(given) && issuers.length === 0 ? [...issues, none(file)] : issues
}

/** The issuers in data that is not checked yet, with their names. */
export function issuersOf(data: unknown): [string, unknown][] {
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

/** An opaque token says nothing of its issuer: where it arrives must do. */
function severalIntrospect(file: SourceFile, issuers: [string, unknown][]): Issue[] {
  const seen = new Map<string, string>()
  return issuers.flatMap(([name, issuer]) => {
    if (member(issuer, 'introspection') === undefined) return []
    const place = placeOf(member(issuer, 'token'))
    const other = seen.get(place)
    seen.set(place, other ?? name)
    if (other === undefined) return []
    const message = `\`${name}\` and \`${other}\` both have opaque tokens in one place`
    const hint = 'nothing tells whose a token is: give one of them another `token`'
    const what = { code: 'several-introspect', message, hint }
    return [file.issue(file.spanOfKey(['issuers', name, 'introspection']), what)]
  })
}

function placeOf(token: unknown): string {
  const [kind, name] = (isMapping(token) && Object.entries(token)[0]) || ['from', 'authorization']
  return `${kind} ${kind === 'header' ? String(name).toLowerCase() : String(name)}`
}

/** For checking what Envoy's jwt_authn checks; the header of the token does not reach us then. */
const VERIFYING = ['algorithms', 'types', 'keys', 'introspection']

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

/** A dialect for tokens that nobody issues would never be spoken, an event about their subjects would never count. */
function unknownIssuers(file: SourceFile, data: unknown): Issue[] {
  const names = issuersOf(data).map(([name]) => name)
  return namedIssuers(data).flatMap(([path, name]) => {
    if (typeof name !== 'string' || names.includes(name)) return []
    const close = nearest(name, names)
    const issue = {
      code: 'unknown-issuer',
      message: `\`issuers\` has no \`${name}\``,
      hint: close ? `did you mean \`${close}\`?` : `known are ${names.join(', ')}`,
    }
    return [file.issue(file.spanOf(path), issue)]
  })
}

/** Where an issuer is named outside of `issuers`, and what stands there. */
function namedIssuers(data: unknown): [NodePath, unknown][] {
  const dialects = member(member(data, 'challenge'), 'dialects')
  const streams = member(member(data, 'shared_signals'), 'streams')
  const inDialects = (Array.isArray(dialects) ? dialects : []).map(
    (entry: unknown, at): [NodePath, unknown] => [
      ['challenge', 'dialects', at, 'when_issuer'],
      member(entry, 'when_issuer'),
    ],
  )
  const inStreams = Object.entries(isMapping(streams) ? streams : {}).map(
    ([name, stream]): [NodePath, unknown] => [
      ['shared_signals', 'streams', name, 'subjects'],
      member(stream, 'subjects'),
    ],
  )
  return [...inDialects, ...inStreams]
}

function none(file: SourceFile): Issue {
  return file.issue(file.spanOfKey(['issuers']), {
    code: 'empty',
    message: '`issuers` is empty',
    hint: 'name at least one provider whose tokens are accepted',
  })
}
