import type { ScheduleDocument } from '../text/schema.ts'

/** Named times of the week: the names of those that are on at an instant (milliseconds since the epoch). */
export type Schedules = (now: number) => readonly string[]

/** One schedule, compiled: minutes are of the local day, and `end` past 1440 reaches into the next day. */
export type Schedule = {
  readonly local: (now: number) => LocalTime
  readonly days: ReadonlySet<number>
  readonly hours: readonly { readonly start: number; readonly end: number }[]
  readonly except: ReadonlySet<string>
}

/** An instant as clocks and calendars of a zone show it; `day` is 0 for Monday. */
type LocalTime = { readonly date: string; readonly day: number; readonly minute: number }

/** A mistake in a schedule: the key it stands under, the entry where that is a list, and the reason. */
export type ScheduleProblem = {
  readonly key: 'timezone' | 'days' | 'hours' | 'except'
  readonly entry: number | null
  readonly why: string
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const MINUTES_A_DAY = 1440
const MS_A_DAY = 86_400_000

/** Compiles what an author wrote, or says everything that is wrong with it. */
export function parseSchedule(written: ScheduleDocument): Schedule | readonly ScheduleProblem[] {
  const { timezone, days, hours, except = [] } = written
  const local = localClock(timezone)
  const problems = [
    ...(local ? [] : [problem('timezone', null, `\`${timezone}\` is not an IANA time zone`)]),
    ...unfit('days', days, (text) => dayRanges(text) !== null, 'is not a day or a range of days'),
    ...unfit('hours', hours, (text) => hourRange(text) !== null, 'is not a range of hours'),
    ...unfit('except', except, isDate, 'is not a date'),
  ]
  if (!local || problems.length > 0) return problems
  return {
    local,
    days: new Set([days].flat().flatMap((text) => dayRanges(text) ?? [])),
    hours: [hours].flat().flatMap((text) => hourRange(text) ?? []),
    except: new Set(except),
  }
}

function unfit(
  key: ScheduleProblem['key'],
  written: string | readonly string[],
  fits: (text: string) => boolean,
  what: string,
): ScheduleProblem[] {
  return [written].flat().flatMap((text, index) => {
    const entry = typeof written === 'string' ? null : index
    return fits(text) ? [] : [problem(key, entry, `\`${text}\` ${what}`)]
  })
}

function problem(key: ScheduleProblem['key'], entry: number | null, why: string): ScheduleProblem {
  return { key, entry, why }
}

/** Compiles named schedules; the answer is kept for a minute, as no schedule changes within one. */
export function compileSchedules(named: ReadonlyMap<string, Schedule>): Schedules {
  let minute = Number.NaN
  let on: readonly string[] = []
  return (now) => {
    const current = Math.floor(now / 60_000)
    if (current !== minute) {
      on = [...named].flatMap(([name, schedule]) => (isOn(schedule, now) ? [name] : []))
      minute = current
    }
    return on
  }
}

/**
 * True when the local time lies in the hours of a day that counts. Hours past midnight belong to the day on which
 * they began, so that an exception takes out a whole night.
 */
function isOn(schedule: Schedule, now: number): boolean {
  const today = schedule.local(now)
  if (counts(schedule, today) && within(schedule, today.minute)) return true
  const before = yesterday(today)
  return counts(schedule, before) && within(schedule, today.minute + MINUTES_A_DAY)
}

function counts(schedule: Schedule, at: Pick<LocalTime, 'day' | 'date'>): boolean {
  return schedule.days.has(at.day) && !schedule.except.has(at.date)
}

function within(schedule: Schedule, minute: number): boolean {
  return schedule.hours.some(({ start, end }) => minute >= start && minute < end)
}

function yesterday(today: LocalTime): Pick<LocalTime, 'day' | 'date'> {
  return { day: (today.day + 6) % 7, date: isoDate(daysSinceEpoch(today.date) - 1) }
}

/** A function from instants to the local time of a zone, by the runtime's own zone data; null for no such zone. */
function localClock(timezone: string): ((now: number) => LocalTime) | null {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
    return (now) => localTime(format.formatToParts(now))
  } catch {
    return null
  }
}

function localTime(parts: readonly Intl.DateTimeFormatPart[]): LocalTime {
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return {
    date: `${of('year')}-${of('month')}-${of('day')}`,
    day: DAYS.indexOf(of('weekday').toLowerCase()),
    minute: Number(of('hour')) * 60 + Number(of('minute')),
  }
}

/** `mon-wed, fri` as day numbers. */
function dayRanges(text: string): number[] | null {
  const ranges = text.split(',').map((part) => dayRange(part.trim()))
  return ranges.includes(null) ? null : ranges.flatMap((range) => range ?? [])
}

/** `mon-fri` as day numbers; a range may wrap (`sat-mon`). */
function dayRange(text: string): number[] | null {
  const [from, to, more] = text
    .toLowerCase()
    .split('-')
    .map((day) => DAYS.indexOf(day))
  if (from === undefined || from < 0 || (to !== undefined && to < 0) || more !== undefined)
    return null
  const length = to === undefined ? 1 : ((to - from + 7) % 7) + 1
  return Array.from({ length }, (_, step) => (from + step) % 7)
}

/** `22:00-06:00` as minutes; an end at or before the start is on the next day. */
function hourRange(text: string): { start: number; end: number } | null {
  const [, a, b, c, d] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text.trim()) ?? []
  const start = minuteOfDay(a, b)
  const end = minuteOfDay(c, d)
  if (start === null || end === null || start === MINUTES_A_DAY) return null
  return { start, end: end <= start ? end + MINUTES_A_DAY : end }
}

function minuteOfDay(hours: string | undefined, minutes: string | undefined): number | null {
  const total = Number(hours) * 60 + Number(minutes)
  return Number(minutes) < 60 && total <= MINUTES_A_DAY ? total : null
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && isoDate(daysSinceEpoch(text)) === text
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar, for the dates of an author. */
function daysSinceEpoch(date: string): number {
  const [year = 1970, month = 1, day = 1] = date.split('-').map(Number)
  // biome-ignore lint/style/noRestrictedGlobals: calendar arithmetic on a given date, no clock
  return Math.floor(Date.UTC(year, month - 1, day) / MS_A_DAY)
}

function isoDate(days: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: calendar arithmetic on a given date, no clock
  return new Date(days * MS_A_DAY).toISOString().slice(0, 10)
}
