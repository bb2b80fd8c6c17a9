/**
 * The emoji that people use most, each with the words that find it. A group is one text, as hundreds of small objects would weigh
 * several times as much in the page. No emoji begins with another one: a name that is a part of another name is no good one for
 * tests and for voice control.
 */
export const emojiGroups: readonly (readonly [name: string, list: string])[] = [
  [
    'Smileys',
    `😀 grin happy,😃 smile happy,😄 smile laugh,😁 beam grin,😆 laugh squint,😅 sweat laugh phew,🤣 rofl laugh,😂 joy tears laugh,\
🙂 slight smile,🙃 upside down,😉 wink,😊 blush smile,😇 angel halo,🥰 love hearts,😍 heart eyes love,🤩 wow star,😘 kiss,\
😋 yum tasty,😛 tongue,😜 crazy wink tongue,🤪 zany crazy,🤗 hug,🤭 oops giggle,🤫 shush quiet secret,🤔 think hmm,\
🫡 salute yes,🤐 zip mouth secret,🤨 eyebrow doubt,😐 neutral meh,😶 silent,😏 smirk,😒 unamused,🙄 roll eyes,\
😬 grimace awkward,😌 relieved,😔 pensive sad,😴 sleep zzz,😷 mask ill,🤕 hurt bandage,🤢 sick,🤮 vomit,🥵 hot,🥶 cold freeze,\
🥴 woozy,🤯 mind blown,🤠 cowboy,🥳 party birthday,😎 cool sunglasses,🤓 nerd,🧐 monocle inspect,😕 confused,🙁 frown sad,\
😮 wow surprise,😲 astonished wow,😳 embarrassed,🥺 please plead,🥹 moved tears,😨 fear scared,😰 anxious sweat,😢 cry sad,\
😭 sob cry,😱 scream,😞 disappointed sad,😩 weary,🥱 yawn bored,😤 huff,😡 rage angry,🤬 swear,😈 devil,💀 skull dead,💩 poop,\
🤡 clown,👻 ghost,🤖 robot bot,🎃 pumpkin halloween,🙈 monkey see no`,
  ],
  [
    'People',
    `👍 thumbs up yes ok like,👎 thumbs down no,👌 ok perfect,👏 clap bravo applause,🙌 hooray,🙏 thanks please pray,🤝 deal handshake,\
👋 wave hello bye,✋ stop hand high five,✌️ peace victory,🤞 luck crossed,🤘 rock,👈 left point,👉 right point,👆 up point,\
👇 down point,✊ fist,💪 strong muscle,🫶 heart hands,✍️ write hand,👀 eyes look see,🧠 brain smart,👶 baby,🤷 shrug dunno,\
🤦 facepalm,🙋 raise hand question,🙅 no,🙇 bow sorry,💃 dance,🏃 run,👥 people group team,👑 crown king queen`,
  ],
  [
    'Hearts and signs',
    `❤️ red heart love,🧡 orange heart,💛 yellow heart,💚 green heart,💙 blue heart,💜 violet purple heart,🖤 black heart,\
💔 broken heart,💕 two hearts love,💖 sparkle heart,💯 hundred percent,💥 boom bang,💤 sleep zzz,💬 speech talk,💭 thought,\
✅ done yes check,❌ no wrong,❓ question what,❗ important exclamation,⚠️ warning careful,🚫 forbidden,⛔ stop,🆕 new,🆘 help,\
🔴 red circle,🟡 yellow circle,🟢 green circle,🔵 blue circle,➡️ right arrow,⬅️ left arrow,⬆️ up arrow,⬇️ down arrow,\
🔄 refresh sync,➕ plus add,♾️ infinity,♻️ recycle,🔝 top,▶️ play,1️⃣ one,2️⃣ two,3️⃣ three,☮️ peace,🏁 finish flag,\
🚩 red flag`,
  ],
  [
    'Nature',
    `🐶 dog,🐱 cat,🐰 rabbit,🦊 fox,🐻 bear,🐼 panda,🦁 lion,🐯 tiger,🐷 pig,🐸 frog,🐵 monkey,🐧 penguin,🐦 bird,🦉 owl,🦆 duck,🐴 horse,\
🦄 unicorn,🐝 bee,🐛 bug,🦋 butterfly,🐌 snail,🐞 ladybug,🐢 turtle slow,🐍 snake python,🐙 octopus,🦀 crab rust,🐟 fish,\
🐳 whale docker,🦈 shark,🐘 elephant,🌵 cactus,🎄 christmas tree,🌲 tree,🌴 palm,🌱 plant seedling,🍀 luck clover,🍁 autumn leaf,\
🌹 rose,🌻 sunflower,🌸 blossom,🌍 earth world,🌙 moon night,⭐ star,✨ sparkles magic,⚡ lightning fast,🔥 fire hot,☀️ sun,\
☁️ cloud,🌧️ rain,⛈️ storm,❄️ snow cold,⛄ snowman,🌈 rainbow pride,💧 drop water,☔ umbrella rain,🌊 wave sea`,
  ],
  [
    'Food',
    `🍎 apple,🍌 banana,🍓 strawberry,🍉 melon,🍋 lemon,🥑 avocado,🥕 carrot,🍄 mushroom,🌶️ chili hot,🍞 bread,🥐 croissant,🧀 cheese,\
🥚 egg,🍳 breakfast egg,🍔 burger,🍟 fries,🍕 pizza,🌮 taco,🥗 salad,🍝 pasta,🍜 noodles soup,🍣 sushi,🍦 ice cream,🍩 donut,\
🍪 cookie,🎂 birthday cake,🍰 cake,🍫 chocolate,🍿 popcorn,☕ coffee break,🍵 tea,🍺 beer,🍻 cheers beers,🥂 cheers toast,🍷 wine,\
🍾 champagne,🍽️ lunch eat meal`,
  ],
  [
    'Things to do',
    `🎉 tada party popper hooray,🎊 confetti party,🎈 balloon,🎁 gift present,⚽ football soccer,🏀 basketball,🎾 tennis,🏓 ping pong,\
🏆 trophy win,🥇 gold first,🥈 silver second,🥉 bronze third,🏅 medal,🎯 target bullseye,🎮 game,🎲 dice,🧩 puzzle,♟️ chess,\
🎨 art paint design,🎬 film,🎤 sing,🎧 headphones music,🎵 note music,🎶 music,🎸 guitar,🎹 piano,🥁 drum,🏊 swim,🚴 bike cycle,\
🧘 yoga calm,⛷️ ski,🏄 surf,🚗 car,🚑 ambulance,🚚 truck delivery,🚲 bike,🚂 train,✈️ plane fly travel,🚀 rocket launch ship,\
⛵ sail boat,🚢 ship,🏠 house home,🏢 office,🏥 hospital,🏖️ beach holiday,⛺ tent camp,🗺️ map,🚧 construction wip,\
🚦 traffic light,🛑 stop`,
  ],
  [
    'Objects',
    `⌚ watch,📱 phone,💻 laptop computer code,⌨️ keyboard,🖥️ desktop screen,💾 save disk,📷 camera,📸 photo,🎥 video,📞 call phone,\
📺 tv,⏰ alarm clock,⏳ wait time,🔋 battery,🔌 plug,💡 idea light,💸 money spend,💳 card pay,💎 gem ruby,🔧 wrench fix,\
🔨 hammer build,🛠️ tools,⚙️ gear settings,🧪 test tube,🔬 microscope,💊 pill,🧹 clean broom,🔑 key,🔒 lock secure,🔓 unlock,\
🛒 cart shop,🚪 door leave,📦 package box,📧 email mail,✉️ letter mail,📝 memo note,📄 page file,📁 folder,📅 calendar date,\
📊 chart,📈 growth up,📉 loss down,📌 pin,📎 clip attach,✂️ scissors cut,📚 books docs,📖 read book,🔍 search find,🔗 link,\
🏷️ label,🗑️ trash bin delete,🔔 bell,🔕 mute,📢 announce,📣 megaphone,💼 work case,🎓 graduate,🧵 thread`,
  ],
]

/** For reactions that need one press. */
export const shortcuts: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '👀']
