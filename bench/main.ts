/*
 * `npm run bench` measures how many decisions a second one core makes. It starts the real service with the sample policy
 * padded to 1,000 rules, a second one with the sample policy as it is, and as a yardstick a server of grpc-js and
 * proto-loader that decodes every request and says OK; each is a process of its own on one core, the load generator sits
 * on another. They answer the same CheckRequests of 1.1 to 1.8 KB in turn, round by round, over 2 connections with 16
 * streams each, so every figure stands beside the yardstick's of the same seconds: only the ratio can be compared between
 * machines or runs. Tokens are cached after their first request, metrics are on, every decision is logged to a file, spans
 * are off. `--quick` takes 15 seconds instead of 60, `--format json` prints JSON for machines, `--profile` writes a
 * processor profile of the 1,000-rule service to `var/profile`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SERVICE_CONFIG } from '../demo/service.ts'
import { startIssuer } from './issuer.ts'
import { CONNECTIONS, openLoad, STREAMS } from './load.ts'
import { type Cores, pinLoad, pinned } from './machine.ts'
import { padPolicy, readSample } from './padded-policy.ts'
import { startProgram } from './program.ts'
import { formatTable } from './report.ts'
import { allowedRequests, ambiguousRequests, type Workload } from './requests.ts'
import { type Contestant, type Plan, runRounds } from './rounds.ts'
import { summarise } from './summary.ts'
