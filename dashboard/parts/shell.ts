/** What a page has of its own. */
export interface PageParts {
  readonly title: string
  /** Its body element, without the script. */
  readonly body: string
  readonly style: string
  readonly script: string
  /** An SVG document, which is shown beside the title; nothing is unless given. */
  readonly icon?: string
  /** Set for a page that can be installed: the colour of what a browser or a phone puts around it. */
  readonly themeColor?: string
  /** The service puts what it knows of itself into the page: src/http/page-facts.ts. */
  readonly hasFacts?: boolean
}

/** A page as one file that asks nobody for anything: what all pages have around them stands here. */
export const shell = ({
  title,
  body,
  style,
  script,
  icon,
  themeColor,
  hasFacts,
}: PageParts): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:${icon === undefined ? ',' : `image/svg+xml,${inAddress(icon)}`}">
${themeColor === undefined ? '' : toInstall(themeColor)}<style>${style}</style>
</head>
${body.slice(0, body.lastIndexOf('</body>'))}${hasFacts ? facts : ''}<script>${script}</script>
</body>
</html>
`

/** What would end the attribute, or the address; the rest of an SVG may stand in it as it is. */
const inAddress = (svg: string): string => svg.replaceAll('"', "'").replaceAll('#', '%23')

const facts = '<script type="application/json" id="service">null</script>\n'

const toInstall = (themeColor: string): string => `<meta name="theme-color" content="${themeColor}">
<link rel="manifest" href="/manifest.webmanifest">
<link rel="apple-touch-icon" href="/icon-192.png">
`
