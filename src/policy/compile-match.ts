import type { AccessRequest } from '../domain/access-request.ts'
import { type PathParams, type PathTemplate, parsePathTemplate } from './match/path-template.ts'
import { ANY_REQUEST, compileMatch, type RequestMatch } from './match/request-matcher.ts'
import type { Reporter } from './reporter.ts'
import type { MatchDocument, PolicyDocument } from './text/schema.ts'

/** A compiled `match`, with what other checks want to know of it. */
export type CompiledMatch = {
  readonly match: RequestMatch
  readonly fits: (request: AccessRequest) => PathParams | null
  /** The names that every one of its templates captures. */
  readonly params: readonly string[]
}

/** Where the rules of a bounded file are held; null for a file without bounds. */
export type FileBounds = RequestMatch

/** Compiles the `bounds` of a file. */
export function compileBounds(
  written: PolicyDocument['bounds'],
  report: Reporter,
): FileBounds | null {
  if (written === undefined) return null
  if (!written.hosts && !written.paths)
    report.keyError('empty-bounds', '`bounds` bound nothing', 'give `hosts` or `paths`')
  return {
    ...ANY_REQUEST,
    hosts: hosts(written.hosts ?? [], report.at('hosts')),
    paths: templates(written.paths ?? [], report.at('paths')),
  }
}

/** Compiles the `match` of a rule, within the bounds of its file; mistakes go to the reporter, at their place in the file. */
export function compileRuleMatch(
  written: MatchDocument,
  tightens: boolean,
  bounds: FileBounds | null,
  report: Reporter,
): CompiledMatch {
  const match = parseMatch(written, report)
  if (match.paths.length === written.paths?.length) sameParams(match.paths, report.at('paths'))
  const own = compileMatch(match, tightens)
  const within = bounds && compileMatch(bounds, tightens)
  const fits = within ? (request: AccessRequest) => within(request) && own(request) : own
  return { match, fits, params: match.paths[0]?.names ?? [] }
}

function parseMatch(written: MatchDocument, report: Reporter): RequestMatch {
  return {
    hosts: hosts(written.hosts ?? [], report.at('hosts')),
    notHosts: hosts(written.not_hosts ?? [], report.at('not_hosts')),
    methods: methods(written.methods ?? [], report.at('methods')),
    notMethods: methods(written.not_methods ?? [], report.at('not_methods')),
    paths: templates(written.paths ?? [], report.at('paths')),
    notPaths: templates(written.not_paths ?? [], report.at('not_paths')),
    headers: headers(written.headers ?? {}, report.at('headers')),
    context: Object.entries(written.context ?? {}),
  }
}

function templates(written: readonly string[], report: Reporter): PathTemplate[] {
  return written.flatMap((text, index) => {
    const template = parsePathTemplate(text)
    if (typeof template !== 'string') return [template]
    report.at(index).error('bad-path-template', template, TEMPLATES)
    return []
  })
}

/** `request.params` must mean the same whichever template fitted. */
function sameParams(paths: readonly PathTemplate[], report: Reporter): void {
  const wanted = paths[0]?.names.toSorted().join(', ') ?? ''
  const other = paths.findIndex((template) => template.names.toSorted().join(', ') !== wanted)
  if (other < 0) return
  report
    .at(other)
    .error(
      'different-params',
      'all templates of a rule capture the same names',
      `the first captures ${wanted || 'none'}; write \`*\` for what is not needed, or two rules`,
    )
}

function methods(written: readonly string[], report: Reporter): readonly string[] {
  for (const [index, method] of written.entries()) {
    if (METHOD.test(method)) continue
    const message = `\`${method}\` is not an upper-case method`
    const upper = method.toUpperCase()
    report.at(index).error('bad-method', message, METHOD.test(upper) ? upper : 'such as GET')
  }
  return written
}

function hosts(written: readonly string[], report: Reporter): readonly string[] {
  for (const [index, host] of written.entries()) {
    if (/^(\*\.)?[a-z0-9]([a-z0-9._-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/.test(host)) continue
    report
      .at(index)
      .error(
        'bad-host',
        `\`${host}\` is not a host`,
        'a name in lower case without port and trailing dot; `*.` only in front',
      )
  }
  return written
}

const TEMPLATES = '`/v1/licenses/{license}/tier`; `*` is one segment, `**` one or more'

/** A token (RFC 9110 §5.6.2) in upper case. */
const METHOD = /^[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*$/

/** A token in lower case, as Envoy sends names. */
const HEADER = /^[a-z0-9!#$%&'*+.^_`|~-]+$/

function headers(written: Record<string, string>, report: Reporter): [string, string][] {
  return Object.entries(written).map(([name, value]) => {
    if (!HEADER.test(name)) {
      const lower = name.toLowerCase()
      const hint = HEADER.test(lower) ? lower : 'a name has no blanks and no colon'
      report.at(name).keyError('bad-header', 'this is not a header name in lower case', hint)
    }
    return [name, value]
  })
}
