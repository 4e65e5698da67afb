import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A collector that takes every span over HTTP and looks at none. */
export type SpanSink = { readonly url: string; readonly stop: () => Promise<void> }

/** Starts one on a free loopback port, in a process of its own: what it costs is nobody's cost here. */
export async function startSpanSink(): Promise<SpanSink> {
  const child = fork(import.meta.filename)
  const [url] = await once(child, 'message')
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  return { url: String(url), stop }
}

if (process.send && import.meta.main) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}
