import { z } from 'zod'

/** A single value of the settings: where it stands, and how text from the environment is read for it. */
export type Leaf = { readonly path: readonly string[]; readonly kind: 'text' | 'number' | 'list' }

/** The keys of records, by where those stand. */
export type RecordNames = Readonly<Record<string, readonly string[]>>

/** Every leaf below a schema; of a record that is not in `names` nothing is known. */
export function leavesOf(
  schema: z.core.$ZodType,
  names: RecordNames,
  path: readonly string[] = [],
): Leaf[] {
  const inner = unwrap(schema)
  const below = (child: z.core.$ZodType, key: string) => leavesOf(child, names, [...path, key])
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, child]) => below(child, key))
  }
  if (inner instanceof z.ZodRecord) {
    const keys = names[path.join('.')] ?? []
    return keys.flatMap((name) => below(inner.valueType, name))
  }
  return [{ path, kind: kindOf(inner) }]
}

/** The keys that the schema knows at a path of data. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const inner = unwrap(schema)
  const [step, ...rest] = path
  if (inner instanceof z.ZodRecord && step !== undefined) return keysAt(inner.valueType, rest)
  if (inner instanceof z.ZodArray && step !== undefined)
    return keysAt(inner.element as z.core.$ZodType, rest)
  if (!(inner instanceof z.ZodObject)) return []
  if (step === undefined) return Object.keys(inner.shape)
  const child: z.core.$ZodType | undefined = inner.shape[String(step)]
  return child ? keysAt(child, rest) : []
}

function kindOf(schema: z.core.$ZodType): Leaf['kind'] {
  if (schema instanceof z.ZodArray) return 'list'
  return schema instanceof z.ZodNumber ? 'number' : 'text'
}

/** What a value must be before defaults and transformations. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap() as z.core.$ZodType)
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema
}
