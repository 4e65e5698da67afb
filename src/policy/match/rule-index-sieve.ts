import type { AccessRequest } from '../../domain/access-request.ts'
import type { RequestMatch } from './request-matcher.ts'

/** Rules that share a path template, sorted out by what else they ask for: one question a layer. */
export type Sieve =
  | { readonly kind: 'rules'; readonly numbers: readonly number[] }
  | {
      readonly kind: 'split'
      readonly by: Question
      /** Those that do not ask. */
      readonly others: Sieve
      readonly byKey: ReadonlyMap<string, Sieve>
    }

/** What is asked of a request besides its path; `value` is one header or context value. */
type Question = 'host' | 'method' | 'value'

/** Under which keys a rule is entered, or a request is looked up, by question. */
type Keys = { readonly [Q in Question]: readonly string[] }

/** A rule on its way into the index; no keys means that it does not ask, and any request will do. */
export type Entry = Keys & { readonly number: number }

const QUESTIONS: readonly Question[] = ['host', 'method', 'value']

/** So few rules are tried sooner than sorted out. */
const FEW = 8

/** A rule with a longer list counts as one that does not ask, so that the product of its lists stays small. */
const MOST_KEYS = 32

const NONE: readonly string[] = []

/** What a `match` asks for. Of its headers and context one value is enough: all of them must be there. */
export function entryOf(match: RequestMatch, number: number): Entry {
  return {
    number,
    host: few(match.hosts.map(hostKey)),
    method: few(match.methods),
    value: valueKeys(match).slice(0, 1),
  }
}

/** Sorts rules out, as far as there are enough of them and they ask. */
export function compileSieve(
  entries: readonly Entry[],
  [by, ...later]: readonly Question[] = QUESTIONS,
): Sieve {
  if (by === undefined || entries.length <= FEW)
    return { kind: 'rules', numbers: entries.map(({ number }) => number) }
  const others = entries.filter((entry) => entry[by].length === 0)
  if (others.length === entries.length) return compileSieve(entries, later)
  const byKey = new Map<string, Sieve>()
  for (const [key, asking] of groupByKey(entries, by)) byKey.set(key, compileSieve(asking, later))
  return { kind: 'split', by, others: compileSieve(others, later), byKey }
}

/** Adds the rules that could fit a request with these keys to `found`, some perhaps twice. */
export function sift(sieve: Sieve, keys: Keys, found: number[]): void {
  if (sieve.kind === 'rules') {
    for (const number of sieve.numbers) found.push(number)
    return
  }
  sift(sieve.others, keys, found)
  for (const key of keys[sieve.by]) {
    const asking = sieve.byKey.get(key)
    if (asking !== undefined) sift(asking, keys, found)
  }
}

/** How to read the keys of a request that these rules could ask for, and no others. */
export function keysOfRequests(matches: readonly RequestMatch[]): (request: AccessRequest) => Keys {
  const suffixes = matches.flatMap(({ hosts }) => hosts.filter(isSuffix).map(hostKey))
  const lengths = [...new Set(suffixes.map(({ length }) => length))]
  const headers = [...new Set(matches.flatMap((match) => match.headers.map(([name]) => name)))]
  const context = [...new Set(matches.flatMap((match) => match.context.map(([key]) => key)))]
  const anyValue = headers.length + context.length > 0
  return (request) => ({
    host: hostKeys(request.host, lengths),
    method: [request.method],
    value: anyValue ? valuesSent(request, headers, context) : NONE,
  })
}

function groupByKey(entries: readonly Entry[], by: Question): ReadonlyMap<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    for (const key of entry[by]) {
      const group = groups.get(key)
      if (group) group.push(entry)
      else groups.set(key, [entry])
    }
  }
  return groups
}

function few(keys: readonly string[]): readonly string[] {
  return keys.length > MOST_KEYS ? NONE : keys
}

function isSuffix(host: string): boolean {
  return host.startsWith('*.')
}

/** `*.example.com` is entered as `.example.com`, which no written host is. */
function hostKey(host: string): string {
  return isSuffix(host) ? host.slice(1) : host
}

/** By the lengths that the policy names: a host of ten thousand labels must not cost ten thousand look-ups. */
function hostKeys(host: string, lengths: readonly number[]): readonly string[] {
  const keys = [host]
  for (const length of lengths) {
    if (host.charAt(host.length - length) === '.') keys.push(host.slice(-length))
  }
  return keys
}

function valueKeys({ context, headers }: RequestMatch): readonly string[] {
  return [
    ...context.map(([key, value]) => valueKey('context', key, value)),
    ...headers.map(([name, value]) => valueKey('header', name, value)),
  ]
}

function valuesSent(
  request: AccessRequest,
  headers: readonly string[],
  context: readonly string[],
): readonly string[] {
  const sent = headers.flatMap((name) =>
    (request.headers.get(name) ?? NONE).map((value) => valueKey('header', name, value)),
  )
  for (const key of context) {
    const value = request.context.get(key)
    if (value !== undefined) sent.push(valueKey('context', key, value))
  }
  return sent
}

function valueKey(of: 'context' | 'header', name: string, value: string): string {
  return `${of} ${name} ${value}`
}
