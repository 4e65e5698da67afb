import type { Sink } from './sink.ts'

/** The part of a stream that lines go to, such as `process.stdout`. */
export type LineStream = {
  write(text: string, done: (error?: Error | null) => void): unknown
}

/** Lines to a stream: whoever reads it keeps them, and makes them safe. */
export function createStreamSink(stream: LineStream): Sink {
  let begun = false
  let waiting = ''
  let size = 0
  return {
    prepare: async () => {
      if (begun) return { kind: 'same' }
      begun = true
      return {
        kind: 'begun',
        cause: 'new',
        after: null,
        lost: 0,
        goneSince: null,
        torn: 0,
        from: null,
      }
    },
    add: (lines) => {
      waiting += lines.join('')
    },
    push: async () => {
      if (waiting === '') return
      const text = waiting
      await new Promise<void>((resolve, reject) =>
        stream.write(text, (error) => (error ? reject(error) : resolve())),
      )
      waiting = waiting.slice(text.length)
      size += text.length
    },
    sync: async () => undefined,
    size: () => size,
    unwritten: () => waiting.split('\n').length - 1,
    turnOver: async () => undefined,
    close: async () => undefined,
  }
}
