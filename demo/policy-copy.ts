import { type Document, isNode, isSeq, parseDocument } from 'yaml'

const HOUR = 3_600_000

/** Whether the office is open now. */
export type Office = 'open' | 'closed'

/** Hours from now at which the office opens and closes. */
const HOURS: Readonly<Record<Office, readonly [number, number]>> = { open: [-2, 8], closed: [4, 6] }

/**
 * The text of a policy with the schedule `office` placed around `now` (milliseconds), or well after it, so that the tour
 * passes at any hour and on any day. Only values are replaced, on their lines: every line keeps its number, every comment stays.
 * A text that cannot be understood comes back as it is.
 */
export function placeOffice(text: string, now: number, office: Office): string {
  const document = parseDocument(text)
  const zone = document.getIn(['schedules', 'office', 'timezone'])
  if (document.errors.length > 0 || !isTimeZone(zone)) return text
  const [opens, closes] = HOURS[office].map((hours) => hourIn(zone, now + hours * HOUR))
  const edits = [
    edit(document, ['hours'], `"${opens}-${closes}"`),
    edit(document, ['days'], 'mon-sun'),
    ...exceptions(document).map((at) => edit(document, at, '2999-12-31')),
  ]
  return apply(
    text,
    edits.flatMap((found) => found ?? []),
  )
}

type Edit = { readonly start: number; readonly end: number; readonly value: string }

function edit(document: Document, key: readonly unknown[], value: string): Edit | null {
  const node = document.getIn(['schedules', 'office', ...key], true)
  if (!isNode(node) || !node.range) return null
  const [start, end] = node.range
  return { start, end, value }
}

/** A holiday today must not close the office. */
function exceptions(document: Document): readonly (readonly unknown[])[] {
  const node = document.getIn(['schedules', 'office', 'except'], true)
  return isSeq(node) ? node.items.map((_item, index) => ['except', index]) : []
}

/** From the last to the first, so that positions stay right; a value of several lines leaves its line breaks. */
function apply(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((result, { start, end, value }) => {
      const breaks = result.slice(start, end).replaceAll(/[^\n]/g, '')
      return result.slice(0, start) + value + breaks + result.slice(end)
    }, text)
}

function isTimeZone(zone: unknown): zone is string {
  if (typeof zone !== 'string') return false
  try {
    return hourIn(zone, 0) !== ''
  } catch {
    return false
  }
}

function hourIn(timeZone: string, time: number): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' })
  return `${format.format(time)}:00`
}
