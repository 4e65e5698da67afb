import type { AccessRequest } from '../../domain/access-request.ts'
import { printTemplate } from './path-template.ts'
import { readMatch, type RequestMatch } from './request-matcher.ts'
