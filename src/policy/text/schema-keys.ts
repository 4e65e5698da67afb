import type { NodePath } from './source-file.ts'

/** The keys that a schema knows at a path, found by walking it as the data does. */
export function keysAt(schema: unknown, path: NodePath): readonly string[] {
  const ends = path.reduce<unknown[]>(
    (schemas, step) => schemas.flatMap((one) => childSchemas(one, step)),
    unwrap(schema),
  )
  return ends.flatMap((end) => Object.keys((end as { shape?: object }).shape ?? {}))
}

function childSchemas(schema: unknown, step: PropertyKey): unknown[] {
  const { shape, element, valueType } = schema as {
    shape?: Record<PropertyKey, unknown>
    element?: unknown
    valueType?: unknown
  }
  return unwrap(shape?.[step] ?? element ?? valueType)
}

/** What may stand there, in all branches of a union. */
function unwrap(schema: unknown): unknown[] {
  const wrapped = (schema ?? {}) as {
    unwrap?: () => unknown
    element?: unknown
    options?: unknown[]
  }
  if (wrapped.options) return wrapped.options.flatMap(unwrap)
  return wrapped.unwrap && !wrapped.element ? unwrap(wrapped.unwrap()) : [wrapped]
}
