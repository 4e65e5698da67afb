/** Writes an instant (ms since the epoch) as RFC 3339 in UTC, with milliseconds. */
export type IsoTime = (at: number) => string

/** Creates the function; within a second only the milliseconds are written anew. */
export function createIsoTime(): IsoTime {
  let second = Number.NaN
  let beginning = ''
  return (at) => {
    const whole = Math.floor(at / 1000)
    if (whole !== second) {
      second = whole
      beginning = new Date(whole * 1000).toISOString().slice(0, -4)
    }
    return `${beginning}${String(Math.floor(at) - whole * 1000).padStart(3, '0')}Z`
  }
}
