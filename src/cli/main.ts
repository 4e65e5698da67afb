import { runCli } from './run.ts'

// Whoever reads only the first lines (`stepgate explain … | head`) has all they want.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const code = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  env: process.env,
  now: Date.now,
})
if (code !== null) process.exitCode = code
