import { type Static, Type } from 'typebox'
import type { LoggedIn } from '../../chat/account-sessions.ts'
import type { Accounts } from '../../chat/accounts.ts'
import {
  AccountChanges,
  AccountView,
  accountView,
  Login,
  NewAccount,
  NewPassword,
} from '../../domain/account.ts'
import { OwnProfileView, ownProfileView, profileExample } from '../../domain/profile.ts'
import { UserId } from '../../domain/text.ts'
import { fields, form, json, jsonIfAny, multipart } from '../../http/body.ts'
import { jsonReply, type WholeReply } from '../../http/reply.ts'
import { guestRoute, publicRoute, type Route, userRoute } from '../../http/route.ts'

const TokensView = Type.Object(
  {
    access_token: Type.String({ description: 'A JWT, for Authorization: Bearer.' }),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Seconds that the access token lasts.' }),
    refresh_token: Type.String({ description: 'For POST /api/auth/refresh, within 30 days. A secret.' }),
    user: OwnProfileView,
  },
  {
    title: 'Tokens',
    examples: [
      {
        access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI2OWExIn0.c2lnbmF0dXJl',
        token_type: 'bearer',
        expires_in: 1_800,
        refresh_token: '69a1b0c4e1f2a3b4c5d6e7f9.0.VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIGl0',
        user: { ...profileExample, id: '69a1b0c4e1f2a3b4c5d6e7f8', email: 'alice@example.org' },
      },
    ],
  },
)

const tokensReply = (
  status: number,
  { accessToken, expiresIn, refreshToken, profile }: LoggedIn,
): WholeReply => {
  const answer: Static<typeof TokensView> = {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: expiresIn,
    refresh_token: refreshToken,
    user: ownProfileView(profile),
  }
  return jsonReply(status, answer)
}

const Said = Type.Object(
  { message: Type.String() },
  { title: 'Said', examples: [{ message: 'Logged out.' }] },
)

const Refresh = Type.Object({ refresh_token: Type.String() }, { title: 'Refresh' })
const MaybeRefresh = Type.Partial(Refresh, { title: 'MaybeRefresh' })

/** Nobody's name and password need more, however they are encoded. */
const maxBody = 16 * 1_024

/** Below `/api/auth`, whatever the prefix of the API: clients have that path from elsewhere. */
export function accountRoutes(accounts: Accounts, prefix: string): Route[] {
  const { sessions } = accounts
  return [
    guestRoute({
      method: 'POST',
      path: '/api/auth/register',
      name: 'accounts.register',
      about: 'Make an account, and log in',
      body: fields(NewAccount),
      maxBody,
      answers: { 201: { about: 'The new user, who is logged in', schema: TokensView } },
      errors: ['invalid', 'name_taken', 'email_taken', 'rate_limited', 'unavailable', 'storage_full'],
      handle: async ({ body, address }, caller) =>
        tokensReply(201, await accounts.register(caller, body, address)),
    }),

    publicRoute({
      method: 'POST',
      path: '/api/auth/login',
      name: 'accounts.login',
      about: 'Log in with a username or e-mail address and a password',
      body: fields(Login),
      maxBody,
      answers: { 200: { about: 'The user is logged in', schema: TokensView } },
      errors: ['unauthenticated', 'disabled', 'rate_limited', 'unavailable', 'storage_full'],
      handle: async ({ body, address }) => tokensReply(200, await accounts.logIn(body, address)),
    }),

    publicRoute({
      method: 'POST',
      path: '/api/auth/refresh',
      name: 'accounts.refresh',
      about:
        'New tokens for a refresh token, which may be used again until its successor is; then that ends the login',
      body: fields(Refresh),
      maxBody,
      answers: { 200: { about: 'The new tokens', schema: TokensView } },
      errors: ['unauthenticated', 'unavailable', 'storage_full'],
      handle: async ({ body }) => tokensReply(200, await sessions.refresh(body.refresh_token)),
    }),

    guestRoute({
      method: 'POST',
      path: '/api/auth/logout',
      name: 'accounts.logout',
      about: 'End the login of the access token, or of the refresh token in the body',
      body: [jsonIfAny(MaybeRefresh), form(MaybeRefresh), multipart(MaybeRefresh)],
      maxBody,
      answers: { 200: { about: 'No token of the login is taken any more', schema: Said } },
      errors: ['unauthenticated', 'forbidden', 'unavailable', 'storage_full'],
      async handle({ body }, caller) {
        await sessions.logOut(caller, body.refresh_token)
        return jsonReply(200, { message: 'Logged out.' })
      },
    }),

    guestRoute({
      method: 'POST',
      path: '/api/auth/logout-all',
      name: 'accounts.logoutAll',
      about: 'End all logins of the user',
      body: [jsonIfAny(MaybeRefresh), form(MaybeRefresh), multipart(MaybeRefresh)],
      maxBody,
      answers: { 200: { about: 'No token of the user is taken any more', schema: Said } },
      errors: ['unauthenticated', 'forbidden', 'unavailable', 'storage_full'],
      async handle({ body }, caller) {
        await sessions.logOutAll(caller, body.refresh_token)
        return jsonReply(200, { message: 'Logged out everywhere.' })
      },
    }),

    userRoute('', {
      method: 'POST',
      path: '/api/auth/password',
      name: 'accounts.password',
      about: 'Change one’s own password, which ends one’s other logins',
      body: fields(NewPassword),
      maxBody,
      answers: { 200: { about: 'The new password counts', schema: Said } },
      errors: ['forbidden', 'invalid', 'rate_limited', 'unavailable', 'storage_full'],
      async handle({ body }, caller) {
        await accounts.setPassword(caller, body)
        return jsonReply(200, { message: 'The password was changed, and all other logins have ended.' })
      },
    }),

    userRoute(prefix, {
      method: 'PATCH',
      path: '/users/:user_id',
      name: 'accounts.change',
      about:
        'Disable an account, or allow it again; set its password (operators). Either ends all of its logins',
      params: Type.Object({ user_id: UserId }),
      body: json(AccountChanges),
      answers: { 200: { about: 'The account as it is now', schema: AccountView } },
      errors: ['forbidden', 'not_found', 'invalid', 'unavailable', 'storage_full'],
      async handle({ params, body }, caller) {
        const { account, profile } = await accounts.change(caller, params.user_id, body)
        return jsonReply(200, accountView(account, profile))
      },
    }),
  ]
}
