/**
 * Puts three groups with a little history into a fresh database: `mongosh URL/chat_db mongo-init/demo.js`.
 *
 * The documents are those of the older service, without our own fields: chat-api adopts them when it starts. Runs as often
 * as one likes, also after being cut off half-way. What was made once is never made again, so a demo group that
 * somebody deleted stays deleted; and a database with groups of its own is left alone. No `await`: mongosh adds it.
 */

const minute = 60_000
const yesterday = Date.now() - 24 * 60 * minute

const demo = [
  {
    _id: new ObjectId('0000000000000000000000d1'),
    name: 'Lunch',
    description: 'Where, and when',
    authorized_user_ids: ['alice', 'bob', 'carol'],
    history: [
      ['alice', 'Anybody hungry?'],
      ['bob', 'Always. Noodles?'],
      ['carol', 'Noodles were on Tuesday, and on Wednesday.'],
      ['bob', 'So there is a tradition 🍜'],
      ['alice', 'Half past twelve, at the door.'],
    ],
  },
  {
    _id: new ObjectId('0000000000000000000000d2'),
    name: 'Release',
    description: 'What goes out, and what is in its way',
    authorized_user_ids: ['alice', 'bob'],
    history: [
      ['bob', 'The backup from last night restores.'],
      ['alice', 'Then nothing is in the way. I start at ten.'],
    ],
  },
  {
    _id: new ObjectId('0000000000000000000000d3'),
    name: 'Quiet room',
    description: '',
    authorized_user_ids: ['carol'],
    history: [],
  },
]

const groups = db.getCollection('groups')
const messages = db.getCollection('messages')
const meta = db.getCollection('meta')

function insertOnce(collection, { _id, ...fields }) {
  collection.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true })
}

function makeDemo() {
  let count = 0
  for (const { history, ...group } of demo) {
    insertOnce(groups, { ...group, created_at: new Date(yesterday) })
    for (const [index, [sender_id, content]] of history.entries()) {
      count += 1
      const at = new Date(yesterday + (index + 1) * minute)
      insertOnce(messages, {
        _id: new ObjectId(`0000000000000000000000${(0xe0 + count).toString(16)}`),
        group_id: group._id.toString(),
        sender_id,
        content,
        created_at: at,
        updated_at: at,
        is_deleted: false,
      })
    }
  }
  insertOnce(meta, { _id: 'demo', made_at: new Date() })
  print(`The demo is there: ${demo.length} groups, ${count} messages; users alice, bob and carol.`)
}

const made = meta.findOne({ _id: 'demo' })
const foreign = groups.findOne({ _id: { $nin: demo.map((group) => group._id) } })
if (made) print('The demo was made before: nothing to do.')
else if (foreign) print('The database has groups of its own: no demo is added.')
else makeDemo()
