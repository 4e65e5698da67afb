import type { AccessRequest } from '../../domain/access-request.ts'
import { first } from '../../domain/access-request.ts'
import { fromForm, type InputFields } from './inputs.ts'
import { foldCase, isAmbiguousJson } from './json-ambiguity.ts'

/**
 * The fields of a JSON object or of a form, or null when the body is missing, cut off, or two parsers could read it
 * differently: keys that repeat, or are equal but for case, let a check and a backend see different values.
 */
export function bodyFields(
  request: AccessRequest,
  declared: InputFields,
): ReadonlyMap<string, unknown> | null {
  if (request.body.kind !== 'complete') return null
  const text = decodeUtf8(request.body.bytes)
  if (text === null) return null
  const type = contentType(request)
  if (type === 'application/x-www-form-urlencoded') return formFields(text, declared)
  return type === 'application/json' || type.endsWith('+json') ? jsonFields(text) : null
}

/** The media type alone, in lower case; empty when there is none or more than one. */
export function contentType(request: AccessRequest): string {
  const all = request.headers.get('content-type')
  if (all?.length !== 1) return ''
  return (first(request.headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function jsonFields(text: string): ReadonlyMap<string, unknown> | null {
  const value = parseJson(text)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  return isAmbiguousJson(text) ? null : new Map(Object.entries(value))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function formFields(text: string, declared: InputFields): ReadonlyMap<string, unknown> | null {
  const fields = new Map<string, unknown>()
  const folded = new Set<string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (folded.has(foldCase(name))) return null
    folded.add(foldCase(name))
    fields.set(name, fromForm(declared.get(name), value))
  }
  return fields
}
