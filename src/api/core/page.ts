import { Type } from 'typebox'
import { limits } from '../../domain/limits.ts'

/** The query parameters that lists share. */
export const Page = Type.Integer({ minimum: 1, maximum: limits.pageDepth })
export const PageSize = Type.Integer({ minimum: 1, maximum: limits.pageSize })
