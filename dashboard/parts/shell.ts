/** What a page has of its own. */
export interface PageParts {
  readonly title: string
  /** Its body element, without the script. */
  readonly body: string
  readonly style: string
  readonly script: string
}

/** A page as one file that asks nobody for anything: what all pages have around them stands here. */
export const shell = ({ title, body, style, script }: PageParts): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
${body.slice(0, body.lastIndexOf('</body>'))}<script>${script}</script>
</body>
</html>
`
