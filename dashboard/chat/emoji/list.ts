/**
 * The emoji that people use most, each with the words that find it. A group is one text, as hundreds of small objects would weigh
 * several times as much in the page. No emoji begins with another one: a name that is a part of another name is no good one for
 * tests and for voice control.
 */
export const emojiGroups: readonly (readonly [name: string, list: string])[] = [
  [
    'Smileys',
    `😀 grin happy,😃 smile happy,😄 smile laugh,😁 beam grin,😆 laugh squint,😅 sweat laugh phew,🤣 rofl laugh,😂 joy tears laugh,\
🙂 slight smile,🙃 upside down,😉 wink,😊 blush smile,😇 angel halo,🥰 love hearts,😍 heart eyes love,🤩 star struck wow,😘 kiss,\
😋 yum tasty,😛 tongue,😜 crazy wink tongue,🤪 zany crazy,🤗 hug,🤭 oops giggle,🤫 shush quiet secret,🤔 think hmm,🫡 salute yes,\
🤐 zip mouth secret,🤨 eyebrow doubt,😐 neutral meh,😑 expressionless,😶 silent,😏 smirk,😒 unamused,🙄 roll eyes,😬 grimace awkward,\
😌 relieved,😔 pensive sad,😪 sleepy,🤤 drool,😴 sleep zzz,😷 mask ill,🤒 ill fever,🤕 hurt bandage,🤢 nausea sick,🤮 vomit sick,\
🤧 sneeze cold,🥵 hot,🥶 cold freeze,🥴 woozy,😵 dizzy,🤯 mind blown,🤠 cowboy,🥳 party birthday,😎 cool sunglasses,🤓 nerd,\
🧐 monocle inspect,😕 confused,😟 worried,🙁 frown sad,😮 wow surprise,😲 astonished wow,😳 flushed embarrassed,🥺 please plead,\
🥹 moved tears,😨 fear scared,😰 anxious sweat,😢 cry sad,😭 sob cry,😱 scream,😖 confounded,😞 disappointed sad,😩 weary,😫 tired,\
🥱 yawn bored,😤 huff,😡 rage angry,🤬 swear,😈 devil,💀 skull dead,💩 poop,🤡 clown,👻 ghost,👽 alien,🤖 robot bot,🎃 pumpkin halloween,\
🙈 monkey see,🙉 monkey hear,🙊 monkey speak`,
  ],
  [
    'People',
    `👍 yes ok like thumb up plus,👎 no dislike thumb down,👌 ok perfect,👏 clap bravo,🙌 hooray hands,🙏 thanks please pray,🤝 deal handshake,\
👋 wave hello bye,✋ stop hand high five,🖖 vulcan,✌️ peace victory,🤞 luck fingers crossed,🤟 love you,🤘 rock,🤙 call me,👈 left point,\
👉 right point,👆 up point,👇 down point,👊 fist bump,✊ fist,💪 strong muscle,🫶 heart hands,✍️ write hand,👀 eyes look see,🧠 brain smart,\
👂 ear listen,👶 baby,🤷 shrug dunno,🤦 facepalm,🙋 raise hand question,🙅 no,🙆 ok,🙇 bow sorry,💃 dance,🕺 dance,🏃 run,🚶 walk,\
👥 people group team,🦸 hero,🧙 wizard magic,👑 crown king queen`,
  ],
  [
    'Hearts and signs',
    `❤️ red heart love,🧡 orange heart,💛 yellow heart,💚 green heart,💙 blue heart,💜 violet purple heart,🖤 black heart,🤍 white heart,\
💔 broken heart,💕 two hearts love,💖 sparkle heart,💯 hundred percent,💥 boom bang,💫 dizzy star,💦 sweat drops,💤 sleep zzz,💬 speech talk,\
💭 thought,✅ done yes check ok,☑️ check box,❌ no wrong cross,❓ question what,❗ important exclamation,‼️ important double,⚠️ warning careful,\
🚫 forbidden,⛔ stop no entry,🆗 ok,🆕 new,🆘 help,🔴 red circle,🟠 orange circle,🟡 yellow circle,🟢 green circle,🔵 blue circle,\
🟣 violet purple circle,⚫ black circle,⚪ white circle,➡️ right arrow,⬅️ left arrow,⬆️ up arrow,⬇️ down arrow,🔄 refresh sync,➕ plus add,\
➖ minus,♾️ infinity,♻️ recycle,🔝 top,🔜 soon,▶️ play,⏸️ pause,1️⃣ one,2️⃣ two,3️⃣ three,☮️ peace,🏁 finish flag,🚩 red flag`,
  ],
  [
    'Nature',
    `🐶 dog,🐱 cat,🐭 mouse,🐰 rabbit,🦊 fox,🐻 bear,🐼 panda,🐨 koala,🐯 tiger,🦁 lion,🐮 cow,🐷 pig,🐸 frog,🐵 monkey,🐔 chicken,🐧 penguin,\
🐦 bird,🦆 duck,🦅 eagle,🦉 owl,🐺 wolf,🐴 horse,🦄 unicorn,🐝 bee,🐛 bug,🦋 butterfly,🐌 snail slow,🐞 ladybug,🐢 turtle slow,🐍 snake python,\
🐙 octopus,🦀 crab rust,🐟 fish,🐬 dolphin,🐳 whale docker,🦈 shark,🐘 elephant,🦒 giraffe,🦔 hedgehog,🐾 paw,🌵 cactus,🎄 christmas tree,\
🌲 tree,🌴 palm,🌱 plant seedling,🍀 luck clover,🍁 autumn leaf,🌷 tulip,🌹 rose,🌻 sunflower,🌸 blossom,🌍 earth world,🌙 moon night,⭐ star,\
🌟 star glow,✨ sparkles magic,⚡ lightning fast,🔥 fire hot,☀️ sun,⛅ cloud sun,☁️ cloud,🌧️ rain,⛈️ storm,❄️ snow cold,⛄ snowman,🌈 rainbow pride,\
💧 drop water,☔ umbrella rain,🌊 wave sea`,
  ],
  [
    'Food',
    `🍎 apple,🍌 banana,🍇 grapes,🍓 strawberry,🍉 melon,🍑 peach,🍒 cherry,🍋 lemon,🍊 orange,🍍 pineapple,🥑 avocado,🍅 tomato,🥕 carrot,🌽 corn,\
🌶️ chili hot,🍄 mushroom,🍞 bread,🥐 croissant,🧀 cheese,🥚 egg,🍳 breakfast egg,🥓 bacon,🍔 burger,🍟 fries,🍕 pizza,🌭 hotdog,🥪 sandwich,\
🌮 taco,🥗 salad,🍝 pasta,🍜 noodles soup,🍣 sushi,🍚 rice,🍦 ice cream,🍩 donut,🍪 cookie,🎂 birthday cake,🍰 cake,🍫 chocolate,🍬 candy,\
🍿 popcorn,☕ coffee tea break,🍵 tea,🍺 beer,🍻 cheers beers,🥂 cheers toast,🍷 wine,🥃 whisky,🍹 cocktail,🍾 champagne,🍽️ lunch eat meal`,
  ],
  [
    'Things to do',
    `🎉 tada party hooray,🎊 confetti party,🎈 balloon,🎁 gift present,⚽ football soccer,🏀 basketball,🏈 american football,🎾 tennis,🏐 volleyball,\
🏓 ping pong,⛳ golf,🏆 trophy win,🥇 gold first,🥈 silver second,🥉 bronze third,🏅 medal,🎯 target bullseye,🎮 game,🎲 dice,🧩 puzzle,♟️ chess,\
🎨 art paint design,🎬 film,🎤 sing,🎧 headphones music,🎵 note music,🎶 music,🎸 guitar,🎹 piano,🥁 drum,🎻 violin,🏊 swim,🚴 bike cycle,\
🏋️ gym lift,🧘 yoga calm,⛷️ ski,🏄 surf,🚗 car,🚕 taxi,🚌 bus,🚑 ambulance,🚒 fire engine,🚚 truck delivery,🚲 bike,🚂 train,🚇 metro,\
✈️ plane fly travel,🚀 rocket launch ship,🚁 helicopter,⛵ sail boat,🚢 ship,🏠 house home,🏢 office,🏥 hospital,🏫 school,🏖️ beach holiday,\
🏔️ mountain,⛺ tent camp,🗺️ map,🧭 compass,🚧 construction wip,🚦 traffic light,🛑 stop`,
  ],
  [
    'Objects',
    `⌚ watch,📱 phone,💻 laptop computer coder,⌨️ keyboard,🖥️ desktop screen,🖨️ printer,💾 save disk,📷 camera,📸 photo,🎥 video,📞 call phone,📺 tv,\
⏰ alarm clock,⏳ wait time hourglass,🕐 clock time,🔋 battery,🔌 plug,💡 idea light,💸 money spend,💰 money bag,💳 card pay,💎 gem ruby,🔧 wrench fix,\
🔨 hammer build,🛠️ tools,⚙️ gear settings,🧪 test tube,🔬 microscope,🔭 telescope,💊 pill,💉 syringe,🧹 clean broom,🔑 key,🔒 lock secure,🔓 unlock,\
🛒 cart shop,🚪 door leave,🧸 teddy,📦 package box,📧 email mail,✉️ letter mail,📥 inbox,📤 outbox,📝 memo note,📄 page file,📁 folder,\
📅 calendar date,📊 chart,📈 growth up,📉 loss down,📌 pin,📎 clip attach,✂️ scissors cut,📏 ruler,📚 books docs,📖 read book,🔍 search find,🔗 link,\
🏷️ label tag,🗑️ trash bin delete,🔔 bell,🔕 mute bell,📢 announce,📣 megaphone,💼 work case,🎓 graduate,👓 glasses,🧵 thread`,
  ],
]

/** For reactions that need one press. */
export const shortcuts: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '👀']
