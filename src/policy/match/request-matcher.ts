import type { AccessRequest } from '../../domain/access-request.ts'
import { matchPath, type PathParams, type PathTemplate, type Reading } from './path-template.ts'

/** `match` of a rule, its templates parsed; an absent key is an empty list. */
export type RequestMatch = {
  readonly hosts: readonly string[]
  readonly notHosts: readonly string[]
  readonly methods: readonly string[]
  readonly notMethods: readonly string[]
  readonly paths: readonly PathTemplate[]
  readonly notPaths: readonly PathTemplate[]
  readonly headers: readonly (readonly [string, string])[]
  readonly context: readonly (readonly [string, string])[]
}

/** A `match` without keys: every request fits. */
export const ANY_REQUEST: RequestMatch = {
  hosts: [],
  notHosts: [],
  methods: [],
  notMethods: [],
  paths: [],
  notPaths: [],
  headers: [],
  context: [],
}

const NO_PARAMS: PathParams = new Map()

/**
 * Compiles a `match`: a function that gives the captured parameters when the request fits, else null.
 * A rule that tightens reads its own paths loosely and its exceptions exactly; one that grants, the other way round.
 */
export function compileMatch(
  match: RequestMatch,
  tightens: boolean,
): (request: AccessRequest) => PathParams | null {
  const own: Reading = tightens ? 'loose' : 'exact'
  const exception: Reading = tightens ? 'exact' : 'loose'
  const asksValues = match.headers.length + match.context.length > 0
  return (request) => {
    if (!fitsMethod(match, request.method) || !fitsHost(match, request.host)) return null
    if (asksValues && !fitsValues(match, request, tightens)) return null
    if (firstFitting(match.notPaths, request, exception)) return null
    return match.paths.length === 0 ? NO_PARAMS : firstFitting(match.paths, request, own)
  }
}

/** What the first template that fits captures, or null. */
function firstFitting(
  templates: readonly PathTemplate[],
  request: AccessRequest,
  reading: Reading,
): PathParams | null {
  for (const template of templates) {
    const params = matchPath(template, request.path, reading)
    if (params) return params
  }
  return null
}

/** The first template that the request's path fits, read loosely where it tightens; null: none does. */
export function fittingTemplate(
  templates: readonly PathTemplate[],
  { path }: AccessRequest,
  tightens: boolean,
): PathTemplate | null {
  const reading: Reading = tightens ? 'loose' : 'exact'
  return templates.find((template) => matchPath(template, path, reading) !== null) ?? null
}

function fitsMethod({ methods, notMethods }: RequestMatch, method: string): boolean {
  return (methods.length === 0 || methods.includes(method)) && !notMethods.includes(method)
}

function fitsHost({ hosts, notHosts }: RequestMatch, host: string): boolean {
  return (hosts.length === 0 || matchesAny(hosts, host)) && !matchesAny(notHosts, host)
}

function matchesAny(patterns: readonly string[], host: string): boolean {
  for (const pattern of patterns) if (matchesHost(pattern, host)) return true
  return false
}

/** `*.example.com` stands for one or more labels before it, never for the bare name. */
function matchesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
}

function fitsValues(match: RequestMatch, request: AccessRequest, tightens: boolean): boolean {
  return fitsHeaders(match, request, tightens) && fitsContext(match, request)
}

/** A repeated header is read to the stricter side: one equal value is enough to tighten, all must be equal to grant. */
function fitsHeaders(match: RequestMatch, request: AccessRequest, tightens: boolean): boolean {
  return match.headers.every(([name, wanted]) => {
    const values = request.headers.get(name) ?? []
    const equal = (value: string) => value === wanted
    return tightens ? values.some(equal) : values.length > 0 && values.every(equal)
  })
}

function fitsContext(match: RequestMatch, request: AccessRequest): boolean {
  return match.context.every(([key, wanted]) => request.context.get(key) === wanted)
}
