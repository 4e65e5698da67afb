import type { AccessRequest } from '../../domain/access-request.ts'
import type { RequestMatch } from './request-matcher.ts'
import { createPathTrie, endsOf, type PathNode, visitEnds } from './rule-index-paths.ts'
import { compileSieve, type Entry, entryOf, keysOfRequests, sift } from './rule-index-sieve.ts'

/**
 * The numbers of the rules whose `match` could fit a request, ascending, each once. It narrows and never decides:
 * exceptions are left aside and paths are read loosely, so a rule that it leaves out fits by no reading.
 */
export type RuleIndex = (request: AccessRequest) => readonly number[]

/** What a rule is entered by: its `match`, and the bounds of its file, which must fit as well. */
export type Indexed = { readonly match: RequestMatch; readonly bounds: RequestMatch | null }

/** From here on a general sort pays. */
const MANY = 32

/**
 * Indexes rules by their place in the list, a rule or so a step: by path template, then by host, method, context and
 * headers. A look-up costs what the depth of the path and the rules found cost, whatever the number of the others.
 */
export function* createRuleIndex(rules: readonly Indexed[]): Generator<void, RuleIndex> {
  const matches = rules.map(narrowest)
  const trie = createPathTrie()
  const ends = yield* entriesByEnd(trie, matches)
  for (const [end, entries] of ends) {
    end.sieve = compileSieve(entries)
    yield
  }
  const keysOf = keysOfRequests(matches)
  return (request) => {
    const found: number[] = []
    const keys = keysOf(request)
    visitEnds(trie, request.path.segments, (sieve) => sift(sieve, keys, found))
    return ascending(found)
  }
}

/** Where a rule names no hosts or paths of its own, those of the bounds narrow it; one of the two is enough. */
function narrowest({ match, bounds }: Indexed): RequestMatch {
  if (bounds === null) return match
  const hosts = match.hosts.length > 0 ? match.hosts : bounds.hosts
  const paths = match.paths.length > 0 ? match.paths : bounds.paths
  return { ...match, hosts, paths }
}

function* entriesByEnd(
  trie: PathNode,
  matches: readonly RequestMatch[],
): Generator<void, ReadonlyMap<PathNode, readonly Entry[]>> {
  const ends = new Map<PathNode, Entry[]>()
  for (const [number, match] of matches.entries()) {
    const entry = entryOf(match, number)
    for (const end of endsOf(trie, match.paths)) {
      const entries = ends.get(end)
      if (entries) entries.push(entry)
      else ends.set(end, [entry])
    }
    yield
  }
  return ends
}

/** Two paths or hosts of one rule may both have led to it. */
function ascending(found: number[]): readonly number[] {
  if (found.length > MANY) found.sort((a, b) => a - b)
  else sortFew(found)
  return hasRepeats(found) ? found.filter((number, at) => number !== found[at - 1]) : found
}

/** By insertion: for the few that a look-up finds, mostly in order already, a general sort costs more than the walk. */
function sortFew(numbers: number[]): void {
  for (let from = 1; from < numbers.length; from++) {
    const number = numbers[from] ?? 0
    let at = from
    for (let before = numbers[at - 1]; before !== undefined && before > number; ) {
      numbers[at--] = before
      before = numbers[at - 1]
    }
    numbers[at] = number
  }
}

function hasRepeats(sorted: readonly number[]): boolean {
  let before = -1
  for (const number of sorted) {
    if (number === before) return true
    before = number
  }
  return false
}
