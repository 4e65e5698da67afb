/** Runs a callback once after so many milliseconds, unless the function it returns is called before. */
export type Schedule = (milliseconds: number, callback: () => void) => () => void

/** A timer that does not keep the process alive. */
export function scheduleQuietly(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds).unref()
  return () => clearTimeout(timer)
}

/** The same for a deadline: what had come in by then is read first, so that nobody is late because we were busy. */
export function scheduleDeadline(milliseconds: number, callback: () => void): () => void {
  let lastLook: NodeJS.Immediate | undefined
  const cancel = scheduleQuietly(milliseconds, () => {
    lastLook = setImmediate(callback)
  })
  return () => {
    cancel()
    clearImmediate(lastLook)
  }
}
