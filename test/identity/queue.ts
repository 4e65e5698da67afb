/** What has happened and was not looked at yet. */
export type Queue<T> = {
  readonly tell: (event: T) => void
  /** The next event, or the one that comes. For one waiter at a time. */
  readonly next: () => Promise<T>
}

export function createQueue<T>(): Queue<T> {
  const events: { readonly event: T }[] = []
  let wake = () => {}
  const next = async (): Promise<T> => {
    const first = events.shift()
    if (first) return first.event
    await new Promise<void>((resolve) => {
      wake = resolve
    })
    return next()
  }
  const tell = (event: T) => {
    events.push({ event })
    wake()
  }
  return { tell, next }
}
