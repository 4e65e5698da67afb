/** Types that an author may give to a field of a body or of the claims. JSON's numbers are doubles in CEL. */
export const FIELD_TYPES = ['number', 'string', 'bool', 'list<number>', 'list<string>'] as const

export type FieldType = (typeof FIELD_TYPES)[number]

/** Declared field → its type. Nothing else of a body or token is visible to expressions. */
export type InputFields = ReadonlyMap<string, FieldType>

/** Longer lists are unavailable: an expression over them would cost too much. */
export const MAX_LIST = 250

/** A value of the wrong type: CEL finds that it is not of the declared type, which makes the reader undecided. */
const MISTYPED = null

/** What CEL calls the type. */
export function celType(type: FieldType): string {
  return type.replace('number', 'double')
}

/**
 * The declared fields out of what was sent, as own properties of `target`. Absent stays absent; a value of
 * another type stays visible as mistyped, so that it is never mistaken for absent.
 */
export function pickFields<T extends object>(
  target: T,
  declared: InputFields,
  sent: (name: string) => unknown,
): T {
  const fields = target as Record<string, unknown>
  for (const [name, type] of declared) {
    const value = sent(name)
    if (value !== undefined) fields[name] = typed(type, value)
  }
  return target
}

/** Form fields arrive as text: a declared number or bool is read from it, strictly. */
export function fromForm(type: FieldType | undefined, text: string): unknown {
  if (type === 'number') return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : MISTYPED
  if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : MISTYPED
  return text
}

function typed(type: FieldType, value: unknown): unknown {
  switch (type) {
    case 'number':
      return typeof value === 'number' ? value : MISTYPED
    case 'string':
      return typeof value === 'string' ? value : MISTYPED
    case 'bool':
      return typeof value === 'boolean' ? value : MISTYPED
    case 'list<number>':
      return listOf(value, 'number')
    case 'list<string>':
      return listOf(value, 'string')
  }
}

function listOf(value: unknown, type: 'number' | 'string'): unknown {
  if (!Array.isArray(value) || value.length > MAX_LIST) return MISTYPED
  return value.every((item) => typeof item === type) ? value : MISTYPED
}
