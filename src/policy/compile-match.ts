import type { AccessRequest } from '../domain/access-request.ts'
import { type PathParams, type PathTemplate, parsePathTemplate } from './match/path-template.ts'
import { compileMatch, type RequestMatch } from './match/request-matcher.ts'
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
    report.error('empty-bounds', '`bounds` bound nothing', 'give `hosts` or `paths`')
  return {
    ...EVERYTHING,
    hosts: hosts(written.hosts ?? [], report.at('hosts')),
    paths: templates(written.paths ?? [], report.at('paths')),
  }
}

const EVERYTHING: RequestMatch = {
  hosts: [],
  notHosts: [],
  methods: [],
  notMethods: [],
  paths: [],
  notPaths: [],
  headers: [],
  context: [],
}

/** Compiles the `match` of a rule, within the bounds of its file; mistakes go to the reporter, at their place in the file. */
export function compileRuleMatch(
  written: MatchDocument,
  tightens: boolean,
  bounds: FileBounds | null,
  report: Reporter,
): CompiledMatch {
  const match = parseMatch(written, report)
  sameParams(match.paths, report.at('paths'))
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
    report.at(index).error('bad-path-template', template)
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
      `all templates of a rule capture the same names: ${wanted || 'none'}`,
    )
}

function methods(written: readonly string[], report: Reporter): readonly string[] {
  for (const [index, method] of written.entries()) {
    if (/^[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*$/.test(method)) continue
    report
      .at(index)
      .error('bad-method', `\`${method}\` is not an upper-case method`, method.toUpperCase())
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
        `\`${host}\` is not a host: lower case, no port, no trailing dot, \`*.\` only in front`,
      )
  }
  return written
}

function headers(written: Record<string, string>, report: Reporter): [string, string][] {
  return Object.entries(written).map(([name, value]) => {
    if (name !== name.toLowerCase()) {
      report
        .at(name)
        .keyError('bad-header', 'header names are written in lower case', name.toLowerCase())
    }
    return [name, value]
  })
}
