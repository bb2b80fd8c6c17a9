import type { Dated, FinishedRequest, Metrics, SocketEvent } from '../metrics.ts'
import { round } from '../numbers.ts'
import { redactText } from '../redact.ts'

/** The last few of each kind, newest first. */
export const recentOf = ({ recent }: Metrics) => ({
  slow: recent.slow.list().map(requestView),
  errors: recent.errors.list().map(requestView),
  refused: recent.refused.list().map(requestView),
  requests: recent.requests.list().map(requestView),
  websocket: recent.sockets.list().map(socketView),
})

const maxText = 1_000

const requestView = ({
  at,
  method,
  path,
  route,
  status,
  durationMs,
  userId,
  correlationId,
  failure,
}: Dated<FinishedRequest>) => ({
  at: new Date(at).toISOString(),
  method,
  path: redactText(path).slice(0, maxText),
  route,
  status,
  duration_ms: round(durationMs),
  user_id: userId,
  correlation_id: correlationId,
  code: failure?.code ?? null,
  error: failure && redactText(failure.reason.split('\n', 1)[0] ?? '').slice(0, maxText),
})

export const socketView = ({ at, event, userId, groupId, correlationId, detail }: Dated<SocketEvent>) => ({
  at: new Date(at).toISOString(),
  event,
  user_id: userId,
  group_id: groupId,
  detail: detail ?? null,
  correlation_id: correlationId,
})
