import type { AccessRequest } from '../../domain/access-request.ts'
import { fromForm, type InputFields } from './inputs.ts'
import { foldCase, isAmbiguousJson } from './json-ambiguity.ts'
import { contentType, isPlainUtf8 } from './media-type.ts'

type Fields = ReadonlyMap<string, unknown>

/** Names that no form parser takes for an array, a path or another name. */
const PLAIN_NAME = /^[A-Za-z0-9_-]+$/

/**
 * The fields of a JSON object or of a form, or null when the body is missing, cut off, or two parsers could read it
 * differently: keys that repeat or differ only in case, another charset or coding, names that frameworks fold together.
 */
export function bodyFields(request: AccessRequest, declared: InputFields): Fields | null {
  if (request.body.kind !== 'complete' || !isPlainUtf8(request)) return null
  const text = decodeUtf8(request.body.bytes)
  const fields = text === null ? null : readFields(contentType(request), text, declared)
  return fields && !hasLookAlike(fields, declared) ? fields : null
}

function readFields(type: string, text: string, declared: InputFields): Fields | null {
  if (type === 'application/x-www-form-urlencoded') return formFields(text, declared)
  return type === 'application/json' || type.endsWith('+json') ? jsonFields(text) : null
}

/** A key that some backends read as a declared field, and we do not. */
function hasLookAlike(fields: Fields, declared: InputFields): boolean {
  const folded = new Set([...declared.keys()].map(foldCase))
  return [...fields.keys()].some((name) => !declared.has(name) && folded.has(foldCase(name)))
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function jsonFields(text: string): Fields | null {
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

function formFields(text: string, declared: InputFields): Fields | null {
  // Older parsers take a semicolon for a separator.
  if (text.includes(';')) return null
  const fields = new Map<string, unknown>()
  const folded = new Set<string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (!PLAIN_NAME.test(name) || folded.has(foldCase(name))) return null
    folded.add(foldCase(name))
    fields.set(name, fromForm(declared.get(name), value))
  }
  return fields
}
