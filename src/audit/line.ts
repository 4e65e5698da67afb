import { hash } from 'node:crypto'
import { quote } from '../domain/json-text.ts'

/** What a line tells of. `file` is the first of each file; `gap` tells of what is not in the record. */
export type AuditEvent = (typeof AUDIT_EVENTS)[number]

/** Every event, in no order that means anything. */
export const AUDIT_EVENTS = [
  'file',
  'checkpoint',
  'repaired',
  'gap',
  'start',
  'stop',
  'decision',
  'policy-loaded',
  'policy-rejected',
  'keys-changed',
  'security-event',
] as const

/** What one line is made of. */
export type LineParts = {
  readonly event: AuditEvent
  /** Milliseconds since the epoch. */
  readonly at: number
  /** From 1, without a hole, over all files of a chain. */
  readonly seq: number
  readonly instance: string
  /** JSON members, each with a comma before it. */
  readonly fields: string
  /** The hash of the line before. */
  readonly prev: string
}

/** A line with its line feed, and its hash: SHA-256 of its bytes up to `,"hash":`, in hexadecimal. */
export type Line = { readonly text: string; readonly hash: string }

/** What a line says of itself. */
export type LineReading = {
  readonly event: string
  /** RFC 3339, UTC. */
  readonly ts: string
  readonly seq: number
  readonly prev: string
  /** As it stands in the line. */
  readonly hash: string
  /** Whether the line's bytes have that hash. */
  readonly intact: boolean
}

/** What the first line of a chain names as the line before. */
export const ORIGIN = '0'.repeat(64)

/** The longest line that is read, in bytes; a policy would need ten thousand applicable rules to write one. */
export const LONGEST_LINE = 8 * 1024 * 1024

/** Forms a line: `v event ts seq instance`, the fields, then `prev` and `hash`. */
export function formLine({ event, at, seq, instance, fields, prev }: LineParts): Line {
  const ts = new Date(at).toISOString()
  const body = `{"v":1,"event":"${event}","ts":"${ts}","seq":${seq},"instance":${quote(instance)}${fields},"prev":"${prev}"`
  const own = hash('sha256', body)
  return { text: `${body},"hash":"${own}"}\n`, hash: own }
}

/** Reads a line without its line feed; null when it has not the form of one. Its fields are not looked at. */
export function readLine(bytes: Buffer): LineReading | null {
  const end = bytes.length
  if (end < SHORTEST || bytes[0] !== BRACE) return null
  const tail = TAIL.exec(bytes.toString('latin1', end - TAIL_LENGTH, end))
  const head = HEAD.exec(bytes.toString('latin1', 0, HEAD_LENGTH))
  if (tail === null || head === null) return null
  const [, event = '', ts = '', seq] = head
  const [, prev = '', own = ''] = tail
  const intact = hash('sha256', bytes.subarray(0, end - HASH_LENGTH)) === own
  return { event, ts, seq: Number(seq), prev, hash: own, intact }
}

/** The chain that a line names; null when it names none. */
export function chainNamedIn(line: Buffer): string | null {
  return /,"chain":"([^"\\]{1,64})"/.exec(line.toString('latin1'))?.[1] ?? null
}

const BRACE = 0x7b
const SHORTEST = 220
const HEAD_LENGTH = 160
const TAIL_LENGTH = 149
const HASH_LENGTH = 75

const HEAD =
  /^\{"v":1,"event":"([a-z-]{1,20})","ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","seq":([1-9]\d{0,14}),"instance":"/

const TAIL = /^,"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}$/
