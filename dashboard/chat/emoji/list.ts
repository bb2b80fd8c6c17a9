/**
 * The emoji that people use most, each with the words that find it. A group is one text, as hundreds of small objects would weigh
 * several times as much in the page. No emoji begins with another one: a name that is a part of another name is no good one for
 * tests and for voice control.
 */
export const emojiGroups: readonly (readonly [name: string, list: string])[] = [
  [
    'Smileys',
    `😀 grin happy,😃 smile happy,😄 smile laugh,😁 beam grin,😆 laugh,😅 sweat,🤣 rofl laugh,😂 joy tears,🙂 slight smile,\
🙃 upside down,😉 wink,😊 blush smile,😇 angel halo,🥰 love hearts,😍 eyes love,🤩 wow star,😘 kiss,😋 tasty,😛 tongue,\
😜 crazy wink,🤪 crazy,🤗 hug,🤭 giggle,🤫 shush quiet,🤔 think hmm,🫡 salute,🤐 zip mouth,🤨 eyebrow,😐 neutral,😶 silent,\
😏 smirk,😒 unamused,🙄 roll eyes,😬 grimace,😌 relieved,😔 sad,😴 sleep zzz,😷 mask ill,🤕 bandage,🤢 sick,🤮 vomit,🥵 hot,🥶 cold,\
🥴 woozy,🤯 mind blown,🤠 cowboy,🥳 party birthday,😎 cool sunglasses,🤓 nerd,🧐 monocle,😕 confused,🙁 frown sad,\
😮 wow surprise,😲 astonished,😳 embarrassed,🥺 please,🥹 moved,😨 scared,😰 anxious,😢 cry sad,😭 cry,😱 scream,\
😞 disappointed sad,😩 weary,🥱 yawn,😤 huff,😡 rage angry,🤬 swear,😈 devil,💀 skull,💩 poop,🤡 clown,👻 ghost,🤖 bot,🎃 pumpkin,\
🙈 monkey see`,
  ],
  [
    'People',
    `👍 thumbs up yes ok like,👎 thumbs down no,👌 ok perfect,👏 clap applause,🙌 hooray,🙏 thanks please pray,🤝 handshake,\
👋 wave hello bye,✋ stop hand high five,✌️ peace victory,🤞 luck,🤘 rock,👈 left point,👉 right point,👆 up point,\
👇 down point,✊ fist,💪 strong muscle,🫶 heart hands,✍️ write,👀 eyes see,🧠 brain,👶 baby,🤷 shrug,🤦 facepalm,\
🙋 hand question,🙅 no,🙇 bow sorry,💃 dance,🏃 run,👥 people,👑 crown king`,
  ],
  [
    'Hearts and signs',
    `❤️ red heart love,🧡 orange heart,💛 yellow heart,💚 green heart,💙 blue heart,💜 purple heart,🖤 black heart,💔 broken heart,\
💕 two hearts,💖 sparkle heart,💯 hundred,💥 boom,💤 sleep,💬 speech,💭 thought,✅ done yes check,❌ no wrong,❓ question,\
❗ important,⚠️ warning,🚫 forbidden,⛔ stop,🆕 new,🆘 help,🔴 red,🟡 yellow,🟢 green,🔵 blue,➡️ arrow,⬅️ left arrow,\
⬆️ up arrow,⬇️ down arrow,🔄 refresh,➕ plus add,♾️ infinity,♻️ recycle,🔝 top,▶️ play,1️⃣ one,2️⃣ two,3️⃣ three,☮️ peace,\
🏁 finish,🚩 red flag`,
  ],
  [
    'Nature',
    `🐶 dog,🐱 cat,🐰 rabbit,🦊 fox,🐻 bear,🐼 panda,🦁 lion,🐯 tiger,🐷 pig,🐸 frog,🐵 monkey,🐧 penguin,🐦 bird,🦉 owl,🦆 duck,🐴 horse,\
🦄 unicorn,🐝 bee,🐛 bug,🦋 butterfly,🐌 snail,🐞 ladybug,🐢 turtle,🐍 snake python,🐙 octopus,🦀 crab rust,🐟 fish,\
🐳 whale docker,🦈 shark,🐘 elephant,🌵 cactus,🎄 christmas tree,🌲 tree,🌴 palm,🌱 plant seedling,🍀 luck,🍁 leaf,🌹 rose,\
🌻 sunflower,🌸 blossom,🌍 earth,🌙 moon,⭐ star,✨ sparkles,⚡ lightning fast,🔥 fire hot,☀️ sun,☁️ cloud,🌧️ rain,⛈️ storm,\
❄️ snow cold,⛄ snowman,🌈 rainbow pride,💧 drop water,☔ rain,🌊 sea`,
  ],
  [
    'Food',
    `🍎 apple,🍌 banana,🍓 strawberry,🍉 melon,🍋 lemon,🥑 avocado,🥕 carrot,🍄 mushroom,🌶️ chili,🍞 bread,🥐 croissant,🧀 cheese,\
🥚 egg,🍳 breakfast egg,🍔 burger,🍟 fries,🍕 pizza,🌮 taco,🥗 salad,🍝 pasta,🍜 noodles,🍣 sushi,🍦 ice cream,🍩 donut,🍪 cookie,\
🎂 birthday cake,🍰 cake,🍫 chocolate,🍿 popcorn,☕ coffee,🍵 tea,🍺 beer,🍻 cheers,🥂 cheers,🍷 wine,🍾 champagne,🍽️ lunch`,
  ],
  [
    'Things to do',
    `🎉 tada party popper hooray,🎊 confetti,🎈 balloon,🎁 gift,⚽ football,🏀 basketball,🎾 tennis,🏓 ping pong,🏆 trophy win,\
🥇 gold first,🥈 silver second,🥉 bronze third,🏅 medal,🎯 target,🎮 game,🎲 dice,🧩 puzzle,♟️ chess,🎨 art design,🎬 film,\
🎤 sing,🎧 headphones,🎵 music,🎶 music,🎸 guitar,🎹 piano,🥁 drum,🏊 swim,🚴 bike,🧘 yoga,⛷️ ski,🏄 surf,🚗 car,🚑 ambulance,\
🚚 truck,🚲 bike,🚂 train,✈️ plane fly,🚀 rocket launch,⛵ sail,🚢 ship,🏠 house,🏢 office,🏥 hospital,🏖️ beach,⛺ tent,🗺️ map,\
🚧 wip,🚦 light,🛑 stop`,
  ],
  [
    'Objects',
    `⌚ watch,📱 phone,💻 computer code,⌨️ keyboard,🖥️ screen,💾 save,📷 camera,📸 photo,🎥 video,📞 call phone,📺 tv,⏰ alarm clock,\
⏳ wait time,🔋 battery,🔌 plug,💡 idea,💸 money,💳 card,💎 gem,🔧 wrench fix,🔨 hammer build,🛠️ tools,⚙️ gear,🧪 test tube,\
🔬 microscope,💊 pill,🧹 broom,🔑 key,🔒 lock,🔓 unlock,🛒 cart,🚪 door,📦 package box,📧 email,✉️ mail,📝 memo note,📄 page,\
📁 folder,📅 calendar date,📊 chart,📈 up,📉 loss down,📌 pin,📎 clip,✂️ scissors,📚 books,📖 read,🔍 search,🔗 link,🏷️ label,\
🗑️ trash delete,🔔 bell,🔕 mute,📢 announce,📣 megaphone,💼 work,🎓 graduate,🧵 thread`,
  ],
]

/** For reactions that need one press. */
export const shortcuts: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '👀']
