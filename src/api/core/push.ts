import { Type } from 'typebox'
import type { Devices } from '../../chat/devices.ts'
import { NamedDevice, NewDevice } from '../../domain/device.ts'
import { json } from '../../http/body.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const PushKey = Type.Object(
  { public_key: Type.String({ description: 'The applicationServerKey, in base64url.' }) },
  {
    title: 'PushKey',
    examples: [
      {
        public_key: 'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8',
      },
    ],
  },
)

export function pushRoutes(devices: Devices, prefix: string): Route[] {
  const path = '/push/subscriptions'
  return [
    userRoute(prefix, {
      method: 'GET',
      path: '/push/key',
      name: 'push.key',
      about: 'What a browser subscribes to push messages with',
      answers: { 200: { about: 'The public key', schema: PushKey } },
      errors: [],
      handle: async () => jsonReply(200, { public_key: devices.publicKey }),
    }),

    userRoute(prefix, {
      method: 'PUT',
      path,
      name: 'push.put',
      about: 'Tell this browser of messages while one is away; an endpoint belongs to who put it last',
      body: json(NewDevice),
      answers: { 204: { about: 'It will be told' } },
      limits: ['profiles'],
      errors: ['invalid', 'limit_reached', 'storage_full'],
      async handle({ body }, caller) {
        await devices.put(caller, body)
        return emptyReply
      },
    }),

    userRoute(prefix, {
      method: 'DELETE',
      path,
      name: 'push.remove',
      about: "Tell one of one's browsers nothing any more",
      body: json(NamedDevice),
      answers: { 204: { about: 'It is told nothing' } },
      limits: ['profiles'],
      errors: ['invalid', 'not_found', 'storage_full'],
      async handle({ body: { endpoint } }, caller) {
        await devices.remove(caller, endpoint)
        return emptyReply
      },
    }),
  ]
}
