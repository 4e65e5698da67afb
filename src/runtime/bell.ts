/** Wakes one waiter; a ring that nobody waits for is kept for the next wait. */
export type Bell = {
  ring(): void
  /** Resolves at the next ring, or after `milliseconds`. Does not hold the process. */
  wait(milliseconds: number): Promise<void>
}

/** Creates a silent bell. */
export function createBell(): Bell {
  let rung = false
  let wake = () => {}
  return {
    ring: () => {
      rung = true
      wake()
    },
    wait: async (milliseconds) => {
      if (!rung) await new Promise<void>((resolve) => schedule(resolve, milliseconds))
      rung = false
    },
  }

  function schedule(resolve: () => void, milliseconds: number): void {
    const timer = setTimeout(resolve, milliseconds).unref()
    wake = () => {
      clearTimeout(timer)
      resolve()
    }
  }
}
