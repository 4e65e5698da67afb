import { readFile } from 'node:fs/promises'
import { ENVOY_CONFIG } from '../../demo/envoy.ts'

/** `envoy/envoy.yaml` that waits seconds for an answer: a browser that starts beside it takes the processor for a while. */
export async function patientEnvoyConfig(): Promise<string> {
  return (await readFile(ENVOY_CONFIG, 'utf8')).replaceAll('timeout: 0.25s', 'timeout: 5s')
}
