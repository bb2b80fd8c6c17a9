/** Limits that are part of the API and so the same in every installation. Tunable ones are in config.ts. */
export const limits = {
  userId: 128,
  displayName: 100,
  /** Of the picture of a user or a group. */
  avatarBytes: 1_048_576,
  /** Of accounts made here. */
  usernameMin: 3,
  username: 32,
  passwordMin: 8,
  password: 128,
  email: 254,
  accessTokenMinutes: 43_200,
  /** Logins of one user that last at the same time: a further one ends the one that was used longest ago. */
  sessions: 500,
  /** Users that a search finds. */
  foundUsers: 50,
  defaultFoundUsers: 20,
  /** Users whom one has blocked. */
  /** Push subscriptions of one user. */
  devices: 20,
  blocks: 1_000,
  groupName: 100,
  groupDescription: 500,
  groupKey: 128,
  /** Members that one list may name. How many a group may have is a setting, MAX_GROUP_MEMBERS, of at most so many. */
  groupMembers: 100_000,
  /** Bytes of JSON that clients may keep with a group or a message. */
  metadata: 4_096,
  groupOwners: 100,
  banReason: 500,
  /** Unicode code points of what is said to a report, by who makes it and by who closes it. */
  reportReason: 1_000,
  reportNote: 2_000,
  /** Bans in one group. */
  bans: 10_000,
  /** Invites of one group that can be used. */
  invites: 100,
  /** Invites that are kept of one group, also those that are used up or past their time. */
  keptInvites: 200,
  /** Users that one request adds. */
  addedMembers: 100,
  /** In a group of more members, only admins mention all. */
  mentionAllMembers: 50,
  /** Members that lists of groups name. */
  listedMembers: 100,
  /** Unicode code points. */
  messageContent: 10_000,
  clientId: 64,
  /** Users that the list of who is online names. */
  onlineUsers: 500,
  /** Earlier contents of a message. */
  revisions: 50,
  /** Files of one message. */
  attachments: 10,
  /** Users whom one message mentions. */
  mentions: 50,
  /** Different emoji on one message. */
  reactionKinds: 50,
  /** Users that the reactions of one message name, of all kinds together. */
  reactionUsers: 20,
  /** Reactions that came or went, in one event. */
  reactionChanges: 1_000,
  /** Milliseconds in which the reactions to one message are told at most once. */
  reactionsEveryMs: 250,
  /** Pinned messages of a group. */
  pins: 50,
  /** Members whose read marks a list names. */
  readMarks: 100,
  /** In a group of more members nobody else is told who read what. */
  readsToldAmong: 200,
  /** Characters of what is looked for. */
  searchQuery: 500,
  /** Of the entries of an index that one search looks at, and of the messages themselves. */
  searchLooks: 10_000,
  searchReads: 500,
  /** Groups that one search looks into, those with the latest activity. */
  searchedGroups: 10_000,
  pageSize: 100,
  defaultPageSize: 50,
  /** `page * page_size` beyond this is refused: `before` costs the same at any depth. */
  pageDepth: 10_000,
  /** Milliseconds in which the repeated start of one user's typing in one group is told at most once. */
  typingEveryMs: 3_000,
} as const
