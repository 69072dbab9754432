import { plot, type Markish, type PlotOptions } from '@observablehq/plot'
import { DOMImplementation, XMLSerializer, type Element } from '@xmldom/xmldom'

/** The rows of a plot as texts, for those who cannot see it. */
export interface DataTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A plot, what it says, and its data. */
export interface Figure {
  readonly title: string
  /** What the plot shows, in a sentence or two: also how to read it. */
  readonly description: string
  readonly picture: Element
  readonly table: DataTable
}

/** Width of every plot, in pixels before it is fitted to the page. */
export const PLOT_WIDTH = 720
export const SVG = 'http://www.w3.org/2000/svg'

/**
 * Colours of plots as custom properties, which the page or the picture defines for light and dark: blue and vermilion,
 * which differ for the colour-blind, too, and never differ alone.
 */
export const COLORS = {
  good: 'var(--plot-good)',
  bad: 'var(--plot-bad)',
  quiet: 'var(--plot-quiet)',
} as const

const LIGHT = '--plot-good: #0072b2; --plot-bad: #c44e00; --plot-quiet: #8a94a1;'
const DARK = '--plot-good: #6cbcf0; --plot-bad: #ff9a52; --plot-quiet: #7d8897;'

/** Defines {@link COLORS} by the reader's preference. @param selector which elements get them. */
export function plotColors(selector: string): string {
  return `${selector} { ${LIGHT} }\n@media (prefers-color-scheme: dark) { ${selector} { ${DARK} } }`
}

const xml = new DOMImplementation()
const serializer = new XMLSerializer()

/**
 * Draws without a browser: Plot needs no more of a document than elements, attributes and texts. Everything is
 * escaped by the serializer.
 *
 * @param id unique on the page: the title and the description of the picture are named by it.
 */
export function drawFigure(
  id: string,
  texts: Omit<Figure, 'picture'>,
  options: PlotOptions & { readonly marks: readonly Markish[] },
): Figure {
  const document = xml.createDocument(SVG, 'svg', null)
  const picture = plot({
    width: PLOT_WIDTH,
    ...options,
    className: 'plot',
    document,
  }) as unknown as Element
  // Its own style is the page's.
  for (const style of Array.from(picture.getElementsByTagName('style'))) picture.removeChild(style)
  const named = (name: 'title' | 'desc', text: string): Element => {
    const element = document.createElementNS(SVG, name)
    element.setAttribute('id', `${id}-${name}`)
    element.appendChild(document.createTextNode(text))
    return element
  }
  picture.insertBefore(named('desc', texts.description), picture.firstChild)
  picture.insertBefore(named('title', texts.title), picture.firstChild)
  picture.setAttribute('font-size', '12')
  picture.setAttribute('role', 'img')
  picture.setAttribute('aria-labelledby', `${id}-title`)
  picture.setAttribute('aria-describedby', `${id}-desc`)
  return { ...texts, picture }
}

/** As markup for a page or a file. */
export function svgText(picture: Element): string {
  return serializer.serializeToString(picture)
}
