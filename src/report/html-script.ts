/**
 * Script of `index.html`: filters and keyboard. Without it the page still shows every verdict and its evidence,
 * because cells are links to it.
 */
export const SCRIPT = `
'use strict'
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const byId = (id) => document.getElementById(id)
const wanted = new Set()

function applyFilters() {
  const suite = byId('filter-suite').value
  const words = byId('filter-text').value.toLowerCase().split(/\\s+/).filter(Boolean)
  let shown = 0
  for (const section of all('.suite')) {
    let rows = 0
    for (const row of all('tbody tr', section)) {
      let matching = 0
      const cells = all('a.cell', row)
      for (const cell of cells) {
        const matches = wanted.size === 0 || wanted.has(cell.dataset.verdict) ||
          (wanted.has('baselined') && cell.dataset.baselined !== undefined)
        cell.classList.toggle('dim', !matches)
        if (matches) matching += 1
      }
      const visible = matching > 0 && (suite === '' || suite === section.dataset.suite) &&
        words.every((word) => row.dataset.search.includes(word))
      row.hidden = !visible
      if (visible) { rows += 1; shown += matching }
    }
    section.hidden = rows === 0
  }
  byId('shown').textContent = shown + (shown === 1 ? ' cell' : ' cells')
  byId('nothing').hidden = shown > 0
}

for (const chip of all('.chip')) {
  chip.addEventListener('click', () => {
    const { verdict } = chip.dataset
    if (!wanted.delete(verdict)) wanted.add(verdict)
    chip.setAttribute('aria-pressed', String(wanted.has(verdict)))
    applyFilters()
  })
}
byId('filter-suite').addEventListener('change', applyFilters)
byId('filter-text').addEventListener('input', applyFilters)
document.querySelector('form').addEventListener('submit', (event) => event.preventDefault())

let scrollTop = 0
let opener
function showCurrent() {
  const id = decodeURIComponent(location.hash.slice(1))
  for (const cell of all('a.cell')) {
    if (cell.getAttribute('href') === '#' + id) cell.setAttribute('aria-current', 'true')
    else cell.removeAttribute('aria-current')
  }
  const section = byId(id)
  if (section !== null && section.classList.contains('evidence')) {
    section.focus({ preventScroll: true })
    section.closest('aside').scrollTop = 0
  } else if (opener !== undefined) opener.focus({ preventScroll: true })
}
document.addEventListener('click', (event) => {
  const link = event.target.closest('a.cell, a.close')
  if (link !== null) {
    scrollTop = window.scrollY
    if (link.matches('a.cell')) opener = link
  }
  const figure = event.target.closest('figure')
  if (figure !== null && figure.querySelector('img') !== null) figure.classList.toggle('large')
})
window.addEventListener('hashchange', () => {
  window.scrollTo({ top: scrollTop })
  showCurrent()
})
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const large = document.querySelector('figure.large')
  if (large !== null) large.classList.remove('large')
  else if (document.querySelector('.evidence:target') !== null) {
    scrollTop = window.scrollY
    location.hash = 'matrix'
  }
})
applyFilters()
showCurrent()
`
