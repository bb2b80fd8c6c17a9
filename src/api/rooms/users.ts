import { type Static, Type } from 'typebox'
import type { LoggedIn } from '../../chat/account-sessions.ts'
import type { Accounts } from '../../chat/accounts.ts'
import type { Chat } from '../../chat/chat.ts'
import { type Account, Login, NewAccount } from '../../domain/account.ts'
import type { Profile } from '../../domain/profile.ts'
import { Time, time } from '../../domain/text.ts'
import { fields } from '../../http/body.ts'
import { jsonReply } from '../../http/reply.ts'
import { guestRoute, publicRoute, type Route, userRoute } from '../../http/route.ts'

const { username, password, email } = NewAccount.properties

const NewRoomUser = Type.Object(
  { username, password, email },
  {
    title: 'NewRoomUser',
    examples: [{ username: 'mia', password: 'white-rabbit-1865', email: 'mia@example.org' }],
  },
)

const userExample = {
  id: '65c1e0a4b7d2f3a9c8e10b42',
  _id: '65c1e0a4b7d2f3a9c8e10b42',
  username: 'mia',
  email: 'mia@example.org',
  disabled: false,
  active: true,
  created_at: '2026-02-03T09:30:00.000Z',
  updated_at: '2026-02-03T09:30:00.000Z',
}

const RoomUser = Type.Object(
  {
    id: Type.String(),
    _id: Type.String({ description: 'The same as `id`.' }),
    username: Type.String(),
    email: Type.Union([Type.String(), Type.Null()]),
    disabled: Type.Boolean(),
    active: Type.Boolean({ description: 'Not disabled.' }),
    created_at: Time,
    updated_at: Time,
  },
  { title: 'RoomUser', examples: [userExample] },
)

/** `account` is null for one who logs in elsewhere. */
function userView(profile: Profile, account: Account | null): Static<typeof RoomUser> {
  const disabled = account?.disabled ?? false
  return {
    id: profile.id,
    _id: profile.id,
    username: profile.username,
    email: profile.email,
    disabled,
    active: !disabled,
    created_at: time(profile.createdAt),
    updated_at: time(account?.updatedAt ?? profile.createdAt),
  }
}

const RoomToken = Type.Object(
  {
    access_token: Type.String({ description: 'A JWT, for Authorization: Bearer, and for the socket.' }),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds that the access token lasts.' }),
    refresh_token: Type.String({ description: 'For POST /api/auth/refresh. A secret.' }),
    id: Type.String({ description: "The user's id." }),
    username: Type.String(),
  },
  {
    title: 'RoomToken',
    examples: [
      {
        access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI2NWMxIn0.c2lnbmF0dXJl',
        token_type: 'bearer',
        expires_in: 1_800,
        refresh_token: '69a1b0c4e1f2a3b4c5d6e7f9.0.VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIGl0',
        id: userExample.id,
        username: userExample.username,
      },
    ],
  },
)

const tokenView = ({
  accessToken,
  expiresIn,
  refreshToken,
  profile,
}: LoggedIn): Static<typeof RoomToken> => ({
  access_token: accessToken,
  token_type: 'bearer',
  expires_in: expiresIn,
  refresh_token: refreshToken,
  id: profile.id,
  username: profile.username,
})

/** Nobody's name and password need more, however they are encoded. */
const maxBody = 16 * 1_024

/** `accounts` is null where all users log in elsewhere. */
export function userRoutes({ profiles }: Pick<Chat, 'profiles'>, accounts: Accounts | null): Route[] {
  return [
    userRoute('', {
      method: 'GET',
      path: '/users/me',
      name: 'rooms.me',
      about: 'Who the token is of',
      answers: { 200: { about: 'The user', schema: RoomUser } },
      errors: [],
      async handle(_, caller) {
        const profile = await profiles.own(caller)
        return jsonReply(200, userView(profile, (await accounts?.own(caller)) ?? null))
      },
    }),
    ...(accounts ? accountRoutes(accounts) : []),
  ]
}

function accountRoutes(accounts: Accounts): Route[] {
  /** Clients know the one path or guess the other. */
  const loginRoute = (path: string, name: string): Route =>
    publicRoute({
      method: 'POST',
      path,
      name,
      about: 'Log in with a username or e-mail address and a password',
      body: fields(Login),
      maxBody,
      answers: { 200: { about: 'The token', schema: RoomToken } },
      errors: ['unauthenticated', 'disabled', 'rate_limited', 'unavailable', 'storage_full'],
      handle: async ({ body, address }) => jsonReply(200, tokenView(await accounts.logIn(body, address))),
    })

  return [
    guestRoute({
      method: 'POST',
      path: '/users',
      name: 'rooms.register',
      about: 'Make an account',
      body: fields(NewRoomUser),
      maxBody,
      answers: { 201: { about: 'The new user', schema: RoomUser } },
      errors: ['invalid', 'name_taken', 'email_taken', 'rate_limited', 'unavailable', 'storage_full'],
      async handle({ body, address }, caller) {
        const { profile, account } = await accounts.signUp(caller, body, address)
        return jsonReply(201, userView(profile, account))
      },
    }),
    loginRoute('/auths/login', 'rooms.logIn'),
    loginRoute('/auth/login', 'rooms.authLogIn'),
  ]
}
