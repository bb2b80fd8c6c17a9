/**
 * The emoji that people use most, each with the words that find it behind it. A group is one text, as hundreds of small objects would weigh
 * several times as much in the page. No emoji begins with another one: a name that is a part of another name is no good one for
 * tests and for voice control.
 */
export const emojiGroups: readonly (readonly [name: string, list: string])[] = [
  [
    'Smileys',
    `😀happy,😃smile happy,😄smile laugh,😁beam grin,😆laugh,😅sweat,🤣rofl laugh,😂joy tears,🙂slight smile,🙃upside down,😉wink,\
😊blush,😇angel halo,🥰love hearts,😍love,🤩wow star,😘kiss,😋tasty,😛tongue,😜crazy wink,🤪crazy,🤗hug,🤭giggle,🤫shush quiet,\
🤔think,🫡salute,🤐zip mouth,🤨eyebrow,😐neutral,😶silent,😏smirk,😒unamused,🙄roll eyes,😬grimace,😌relieved,😔sad,😴sleep,😷mask,\
🤕bandage,🤢sick,🤮vomit,🥵hot,🥶cold,🥴woozy,🤯mind,🤠cowboy,🥳party,😎cool,🤓nerd,🧐monocle,😕confused,🙁frown sad,😮wow,\
😲astonished,😳embarrassed,🥺please,🥹moved,😨scared,😰anxious,😢cry,😭cry,😱scream,😞disappointed,😩weary,🥱yawn,😤huff,😡rage,\
🤬swear,😈devil,💀skull,💩poop,🤡clown,👻ghost,🤖bot,🎃pumpkin,🙈monkey`,
  ],
  [
    'People',
    `👍thumbs up yes ok like,👎thumbs down no,👌ok,👏clap,🙌hooray,🙏thanks please pray,🤝handshake,👋wave hello bye,✋stop hand,\
✌️peace,🤞luck,🤘rock,👈left point,👉right point,👆up point,👇down point,✊fist,💪muscle,🫶heart,✍️write,👀eyes see,🧠brain,👶baby,\
🤷shrug,🤦facepalm,🙋question,🙅no,🙇sorry,💃dance,🏃run,👥people,👑crown`,
  ],
  [
    'Hearts and signs',
    `❤️red heart,🧡orange heart,💛yellow heart,💚green heart,💙blue heart,💜purple heart,🖤black heart,💔broken heart,💕two hearts,\
💖sparkle heart,💯hundred,💥boom,💤sleep,💬speech,💭thought,✅done yes check,❌no wrong,❓question,❗important,⚠️warning,\
🚫forbidden,⛔stop,🆕new,🆘help,🔴red,🟡yellow,🟢green,🔵blue,➡️arrow,⬅️left arrow,⬆️up arrow,⬇️down arrow,🔄refresh,➕plus,\
♾️infinity,♻️recycle,🔝top,▶️play,1️⃣one,2️⃣two,3️⃣three,☮️peace,🏁finish,🚩red`,
  ],
  [
    'Nature',
    `🐶dog,🐱cat,🐰rabbit,🦊fox,🐻bear,🐼panda,🦁lion,🐯tiger,🐷pig,🐸frog,🐵monkey,🐧penguin,🐦bird,🦉owl,🦆duck,🐴horse,🦄unicorn,🐝bee,\
🐛bug,🦋butterfly,🐌snail,🐞ladybug,🐢turtle,🐍snake python,🐙octopus,🦀crab rust,🐟fish,🐳whale docker,🦈shark,🐘elephant,🌵cactus,\
🎄christmas,🌲tree,🌴palm,🌱plant,🍀luck,🍁leaf,🌹rose,🌻sunflower,🌸blossom,🌍earth,🌙moon,⭐star,✨sparkles,⚡lightning,🔥fire,\
☀️sun,☁️cloud,🌧️rain,⛈️storm,❄️snow,⛄snowman,🌈rainbow,💧drop,☔rain,🌊sea`,
  ],
  [
    'Food',
    `🍎apple,🍌banana,🍓strawberry,🍉melon,🍋lemon,🥑avocado,🥕carrot,🍄mushroom,🌶️chili,🍞bread,🥐croissant,🧀cheese,🥚egg,\
🍳breakfast egg,🍔burger,🍟fries,🍕pizza,🌮taco,🥗salad,🍝pasta,🍜noodles,🍣sushi,🍦ice,🍩donut,🍪cookie,🎂birthday cake,🍰cake,🍫chocolate,\
🍿popcorn,☕coffee,🍵tea,🍺beer,🍻cheers,🥂cheers,🍷wine,🍾champagne,🍽️lunch`,
  ],
  [
    'Things to do',
    `🎉tada party popper hooray,🎊confetti,🎈balloon,🎁gift,⚽football,🏀basketball,🎾tennis,🏓ping,🏆trophy,🥇gold,🥈silver,🥉bronze,\
🏅medal,🎯target,🎮game,🎲dice,🧩puzzle,♟️chess,🎨art design,🎬film,🎤sing,🎧headphones,🎵music,🎶music,🎸guitar,🎹piano,🥁drum,\
🏊swim,🚴bike,🧘yoga,⛷️ski,🏄surf,🚗car,🚑ambulance,🚚truck,🚲bike,🚂train,✈️plane fly,🚀rocket launch,⛵sail,🚢ship,🏠house,\
🏢office,🏥hospital,🏖️beach,⛺tent,🗺️map,🚧wip,🚦light,🛑stop`,
  ],
  [
    'Objects',
    `⌚watch,📱phone,💻computer code,⌨️keyboard,🖥️screen,💾save,📷camera,📸photo,🎥video,📞call,📺tv,⏰alarm,⏳wait time,🔋battery,\
🔌plug,💡idea,💸money,💳card,💎gem,🔧wrench fix,🔨hammer build,🛠️tools,⚙️gear,🧪test,🔬microscope,💊pill,🧹broom,🔑key,🔒lock,\
🔓unlock,🛒cart,🚪door,📦package,📧email,✉️mail,📝memo,📄page,📁folder,📅calendar,📊chart,📈up,📉down,📌pin,📎clip,✂️scissors,📚books,\
📖read,🔍search,🔗link,🏷️label,🗑️trash delete,🔔bell,🔕mute,📢announce,📣megaphone,💼work,🎓graduate,🧵thread`,
  ],
]

/** For reactions that need one press. */
export const shortcuts: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '👀']
