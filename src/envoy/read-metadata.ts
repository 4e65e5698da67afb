import type { FilterMetadata } from '../domain/access-request.ts'
import type { AttributeContext, ReceivedStruct, ReceivedValue } from './wire.ts'

/** How deep the values of one filter may nest; those of a token nest about five deep. */
const MAX_DEPTH = 20

/** How many members and elements one filter may leave, and how many characters in names and texts. */
const MAX_VALUES = 2000
const MAX_CHARACTERS = 65_536

/** What may still be read of one filter's values. */
type Budget = { values: number; characters: number }

type Json = Record<string, unknown>

class TooMuchError extends Error {}

const NOTHING: FilterMetadata = new Map()

/**
 * Reads what the filters named in `namespaces` left for the request as plain JSON without prototypes; null for a filter
 * that left more than the limits allow. Those that Envoy did not send are absent.
 */
export function readMetadata(
  context: AttributeContext['metadataContext'],
  namespaces: readonly string[],
): FilterMetadata {
  const sent = context?.filterMetadata
  if (sent === undefined || namespaces.length === 0) return NOTHING
  const read = new Map<string, Json | null>()
  for (const name of namespaces) {
    const struct = Object.hasOwn(sent, name) ? sent[name] : undefined
    if (struct !== undefined) read.set(name, bounded(struct))
  }
  return read
}

function bounded(struct: ReceivedStruct): Json | null {
  try {
    return plainStruct(struct, 1, { values: MAX_VALUES, characters: MAX_CHARACTERS })
  } catch (error) {
    if (error instanceof TooMuchError) return null
    throw error
  }
}

function plainStruct({ fields = {} }: ReceivedStruct, depth: number, budget: Budget): Json {
  const json: Json = Object.create(null)
  for (const [name, value] of Object.entries(fields)) {
    spend(budget, 1, name.length)
    json[name] = plainValue(value, depth, budget)
  }
  return json
}

function plainValue(value: ReceivedValue, depth: number, budget: Budget): unknown {
  if (depth > MAX_DEPTH) throw new TooMuchError()
  const { structValue, listValue, stringValue } = value
  if (structValue !== undefined) return plainStruct(structValue, depth + 1, budget)
  if (listValue !== undefined) {
    return (listValue.values ?? []).map((item) => {
      spend(budget, 1, 0)
      return plainValue(item, depth + 1, budget)
    })
  }
  if (stringValue !== undefined) spend(budget, 0, stringValue.length)
  return stringValue ?? value.numberValue ?? value.boolValue ?? null
}

function spend(budget: Budget, values: number, characters: number): void {
  budget.values -= values
  budget.characters -= characters
  if (budget.values < 0 || budget.characters < 0) throw new TooMuchError()
}
