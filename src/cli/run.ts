import { CommanderError } from 'commander'
import { createProgram } from './program.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/**
 * Runs `stepgate` with these arguments; the exit code, or null when it goes on as a service that sets its own.
 * Never rejects.
 */
export async function runCli(argv: readonly string[], world: CliWorld): Promise<ExitCode | null> {
  let code: ExitCode | null = 2
  const program = createProgram(world, (result) => {
    code = result
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return failed(error, world)
  }
}

function failed(error: unknown, world: CliWorld): ExitCode {
  // Commander has said what is wrong already; asking for help or the version is not.
  if (error instanceof CommanderError)
    return ['commander.helpDisplayed', 'commander.version'].includes(error.code) ? 0 : 2
  if (error instanceof UsageError) {
    world.err(`stepgate: ${error.message}\n`)
    return 2
  }
  const said = error instanceof Error ? error.stack : String(error)
  world.err(`stepgate: this is a fault of the command line, please report it\n${said}\n`)
  return 2
}
