/** Style of `index.html`. Verdicts differ by symbol and word as well as by colour; contrasts are at least 4.5 to 1. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f9, #14171c);
  --card: light-dark(#ffffff, #1c2027);
  --line: light-dark(#dfe3e8, #323843);
  --text: light-dark(#1b2430, #e4e8ee);
  --muted: light-dark(#5a6675, #9aa6b5);
  --link: light-dark(#0b5fa5, #79b8ff);
  --code: light-dark(#f1f3f6, #252b34);
  --good: light-dark(#176639, #6fd596);
  --good-soft: light-dark(#e4f4ea, #17351f);
  --bad: light-dark(#a61b2b, #ff929c);
  --bad-soft: light-dark(#fde7e9, #451b21);
  --warn: light-dark(#7d4b00, #f4bf5f);
  --warn-soft: light-dark(#fdf0d8, #40300f);
  --known: light-dark(#105a86, #7cc6f2);
  --known-soft: light-dark(#e0f0fa, #14313f);
  --gray-soft: light-dark(#eceff3, #282e37);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); }
a { color: var(--link); }
code, pre, .url { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
small, .muted { color: var(--muted); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

.top { padding: 1.5rem 2rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
.headline { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; flex-wrap: wrap; }
h1 { margin: 0; font-size: 1.7rem; letter-spacing: -0.01em; display: flex; align-items: center; gap: .7rem; }
.seal { display: inline-grid; place-items: center; width: 2.2rem; height: 2.2rem; border-radius: 50%; font-size: 1.1rem; }
.seal.good { background: var(--good-soft); color: var(--good); }
.seal.partial { background: var(--warn-soft); color: var(--warn); }
.seal.bad { background: var(--bad-soft); color: var(--bad); }
.tool { margin: 0; color: var(--muted); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .8rem 2rem; margin: 1.1rem 0 0; }
.facts dt { font-size: .78rem; color: var(--muted); }
.facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.facts small { display: block; font-weight: 400; font-size: .82rem; }
.notice { margin: .9rem 0 0; padding: .5rem .8rem; background: var(--warn-soft); border-radius: .4rem; }

.filters { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1.2rem;
  padding: .7rem 2rem; background: var(--card); border-bottom: 1px solid var(--line); }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; }
.chip, .cell { font: inherit; font-size: .84rem; border: 1px solid transparent; border-radius: 1rem; padding: .12rem .65rem; white-space: nowrap; }
.chip { cursor: pointer; }
.chip[aria-pressed=true] { border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }
.filters label { display: flex; align-items: center; gap: .5rem; color: var(--muted); font-size: .88rem; }
.filters .grow { flex: 1 1 14rem; }
.filters select, .filters input { font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--line);
  border-radius: .4rem; padding: .25rem .5rem; }
.filters input { width: 100%; min-width: 8rem; }
#shown { color: var(--muted); font-size: .84rem; min-width: 6rem; text-align: right; }

.v-passed { background: var(--good-soft); color: var(--good); }
.v-failed, .v-error { background: var(--bad-soft); color: var(--bad); }
.v-warning, .v-not-testable { background: var(--warn-soft); color: var(--warn); }
.v-known-deviation { background: var(--known-soft); color: var(--known); }
.v-not-applicable { background: var(--gray-soft); color: var(--muted); }
.good { color: var(--good); }
.bad { color: var(--bad); }
.odd { color: var(--warn); }

.columns { display: grid; grid-template-columns: minmax(0, 8fr) minmax(0, 6fr); align-items: start; }
main { padding: 1.2rem 1.2rem 3rem 2rem; min-width: 0; }
.suite { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin-bottom: 1.1rem; overflow-x: auto; }
.suite h2 { display: flex; justify-content: space-between; gap: 1rem; margin: 0; padding: .7rem 1rem; font-size: 1.02rem; }
.suite h2 small { font-size: .82rem; font-weight: 500; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
thead th { font-size: .78rem; font-weight: 500; color: var(--muted); text-align: left; padding: .2rem 1rem; }
thead th.mode { width: 10rem; }
thead th.mode, td { padding-left: 0; padding-right: .6rem; }
tbody tr { border-top: 1px solid var(--line); }
tbody th { text-align: left; font-weight: 400; padding: .5rem 1rem; }
tbody th code { font-size: .84rem; margin-right: .5rem; overflow-wrap: anywhere; }
.title { display: block; color: var(--muted); font-size: .86rem; }
.level { display: inline-block; font-size: .72rem; color: var(--muted); border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem; margin-right: .35rem; }
td { padding-top: .5rem; padding-bottom: .5rem; vertical-align: top; }
a.cell { display: inline-block; text-decoration: none; }
a.cell:hover { border-color: currentColor; }
a.cell[aria-current] { border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }
a.cell.dim { opacity: .3; }

aside { position: sticky; top: 3.4rem; max-height: calc(100vh - 3.4rem); overflow: auto; padding: 1.2rem 2rem 2rem .4rem; scrollbar-gutter: stable; }
.overview, .evidence { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.3rem 1.4rem; }
.evidence { display: none; position: relative; outline: none; scroll-margin-top: 5rem; }
.evidence:target { display: block; }
aside:has(.evidence:target) .overview { display: none; }
.overview h2, .evidence h2 { margin: 0 0 .3rem; font-size: 1.1rem; overflow-wrap: anywhere; }
.close { position: absolute; top: .6rem; right: .8rem; font-size: 1.5rem; line-height: 1; text-decoration: none; color: var(--muted); padding: .2rem .4rem; }
.where { margin: 0 2.5rem .7rem 0; display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; }
.where .level { margin: 0; }
.where .muted { font-size: .84rem; }
.requirement { margin: .1rem 0 .4rem; }
.sources { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; margin: 0 0 .9rem; padding: 0; font-size: .88rem; }
.message { padding: .6rem .8rem; border-radius: .4rem; margin: 0 0 .9rem; overflow-wrap: anywhere; }
.finding { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem .8rem; margin-bottom: .8rem; }
.finding h3, .token h3 { margin: 0; font-size: .92rem; }
.advice h3 { margin: .8rem 0 .2rem; font-size: .92rem; }
.advice p { margin: 0 0 .8rem; overflow-wrap: anywhere; }
.finding p { margin: .2rem 0; overflow-wrap: anywhere; }
.deviation { color: var(--known); }
.accepted { font-size: .72rem; color: var(--muted); white-space: nowrap; border: 1px solid currentColor; border-radius: .3rem; padding: 0 .25rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .8rem; }
h4 { margin: .5rem 0 .2rem; font-size: .78rem; font-weight: 500; color: var(--muted); }
pre { margin: 0; padding: .5rem .7rem; background: var(--code); border-radius: .4rem; font-size: .8rem; line-height: 1.45;
  white-space: pre-wrap; overflow-wrap: anywhere; max-height: 28rem; overflow: auto; }
.trail-title { margin: 1.1rem 0 .4rem; font-size: .95rem; }
.exchange { border: 1px solid var(--line); border-radius: .4rem; margin-bottom: .4rem; padding: 0 .7rem; }
.exchange[open] { padding-bottom: .7rem; }
.exchange summary { cursor: pointer; padding: .4rem 0; font-size: .84rem; display: flex; gap: .5rem; align-items: center; list-style: none; }
.exchange summary::-webkit-details-marker { display: none; }
.exchange summary::after { content: '▸'; color: var(--muted); }
.exchange[open] summary::after { content: '▾'; }
.exchange .url { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.exchange summary .muted { min-width: 3.6rem; text-align: right; }
.exchange .number { display: inline-block; min-width: 1.6rem; text-align: center; border-radius: .8rem; background: var(--gray-soft); color: var(--muted); font-size: .76rem; }
.status { font-weight: 700; }
.note { margin: .3rem 0; padding-left: .7rem; border-left: 3px solid var(--line); color: var(--muted); font-size: .86rem; overflow-wrap: anywhere; }
figure { margin: .5rem 0; }
figure img { display: block; width: 100%; border: 1px solid var(--line); border-radius: .4rem; cursor: zoom-in; }
figcaption { color: var(--muted); font-size: .8rem; }
.token { margin-top: 1rem; padding-top: .9rem; border-top: 1px solid var(--line); }
.token p { margin: .1rem 0 .5rem; font-size: .88rem; }
.token .trail { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0 .6rem; }
.token .trail > :not(figure) { grid-column: 1 / -1; }
.token .trail figure { order: -1; }
figure.large { position: fixed; inset: 0; z-index: 5; margin: 0; padding: 2rem; background: var(--page); display: grid; place-items: center; }
figure.large img { width: auto; max-width: 100%; max-height: calc(100vh - 6rem); cursor: zoom-out; }
[hidden] { display: none !important; }

@media (max-width: 75rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  main { padding: 1rem; }
  .top, .filters { padding-left: 1rem; padding-right: 1rem; }
  aside { position: static; max-height: none; padding: 0 1rem 2rem; }
  .evidence:target { position: fixed; inset: 0; z-index: 4; overflow: auto; border-radius: 0; }
  table { min-width: 34rem; }
}
@media print {
  :root { color-scheme: light; }
  .filters, .close { display: none; }
  .columns { display: block; }
  main, aside { padding: 0; position: static; max-height: none; overflow: visible; }
  .suite, .finding, .exchange, figure { break-inside: avoid; }
  .evidence:not([data-verdict=passed]) { display: block; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
  pre { max-height: none; }
  a.cell, .chip { print-color-adjust: exact; }
}
`
