import type { AccessRequest } from '../../domain/access-request.ts'
import { ANY_REQUEST, compileMatch, type RequestMatch } from './request-matcher.ts'

/** One key of a `match` that keeps a request out: what it wants, and what the request has. */
export type Misfit = {
  /** As the author writes it: `methods`, `not_paths`, `headers.x-region`. */
  readonly key: string
  readonly wanted: readonly string[]
  readonly got: string
}

/** Why a request does not fit: every key of the `match` that refuses it by itself; empty when it fits. */
export function explainMatch(
  match: RequestMatch,
  tightens: boolean,
  request: AccessRequest,
): readonly Misfit[] {
  return partsOf(match, request).flatMap(({ alone, ...misfit }) =>
    compileMatch({ ...ANY_REQUEST, ...alone }, tightens)(request) ? [] : [misfit],
  )
}

type Part = Misfit & { readonly alone: Partial<RequestMatch> }

/** A `match` is a conjunction of its keys, so each can be asked on its own, by the matcher itself. */
function partsOf(match: RequestMatch, request: AccessRequest): readonly Part[] {
  const { hosts, notHosts, methods, notMethods, paths, notPaths } = match
  const texts = (templates: RequestMatch['paths']) => templates.map(({ text }) => text)
  const { method, host, path } = request
  return [
    { key: 'methods', wanted: methods, got: method, alone: { methods } },
    { key: 'not_methods', wanted: notMethods, got: method, alone: { notMethods } },
    { key: 'hosts', wanted: hosts, got: host, alone: { hosts } },
    { key: 'not_hosts', wanted: notHosts, got: host, alone: { notHosts } },
    { key: 'paths', wanted: texts(paths), got: path.text, alone: { paths } },
    { key: 'not_paths', wanted: texts(notPaths), got: path.text, alone: { notPaths } },
    ...match.headers.map(([name, value]) => ({
      key: `headers.${name}`,
      wanted: [value],
      got: request.headers.get(name)?.join(', ') ?? 'none',
      alone: { headers: [[name, value] as const] },
    })),
    ...match.context.map(([name, value]) => ({
      key: `context.${name}`,
      wanted: [value],
      got: request.context.get(name) ?? 'none',
      alone: { context: [[name, value] as const] },
    })),
  ]
}
