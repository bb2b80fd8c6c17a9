/** Whom the documentation has newcomers log in as: in development alone. */
export const testUsers = [
  { username: 'testuser', password: 'testpass123' },
  { username: 'alice', password: 'alicepass123' },
] as const
