/** Something took longer than it may. */
export class LateError extends Error {}

/**
 * Settles as the promise does, or rejects with `LateError` after so many milliseconds; what comes later is ignored. What
 * had come in by then but was not yet read, because this process was busy, is not late.
 */
export function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let lastLook: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      lastLook = setImmediate(() => reject(new LateError(`no answer within ${milliseconds} ms`)))
    }, milliseconds)
    const end = () => {
      clearTimeout(timer)
      clearImmediate(lastLook)
    }
    promise.then(
      (value) => {
        end()
        resolve(value)
      },
      (error) => {
        end()
        reject(error)
      },
    )
  })
}
