import { plotColors } from './figure.js'

/** What the page of the laboratory adds to the style of the report. */
export const PAGE_STYLE = `
${plotColors(':root')}
.race { max-width: 100rem; margin: 0 auto; padding: 1.2rem 2rem 3rem; }
.race h2 { margin: 0; padding: .9rem 1.2rem 0; font-size: 1.15rem; }
.race h3 { margin: 0 0 .3rem; font-size: .95rem; overflow-wrap: anywhere; }
.race .suite { overflow-x: visible; }
.diagnoses { list-style: none; margin: 0; padding: .4rem 1.2rem 1rem; }
.diagnoses li { display: grid; grid-template-columns: minmax(9rem, 13rem) minmax(0, 1fr); gap: .2rem 1rem; padding: .45rem 0; overflow-wrap: anywhere; }
.diagnoses li + li { border-top: 1px solid var(--line); }
.diagnosis { margin: .2rem 1.2rem 0; max-width: 75ch; overflow-wrap: anywhere; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(34rem, 100%), 1fr)); gap: 1rem 2rem; padding: .8rem 1.2rem 1.2rem; align-items: start; }
.plots figure { margin: 0; min-width: 0; }
.plots figcaption { font-size: .86rem; margin: .3rem 0 .2rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.plot { display: block; width: 100%; min-width: 34rem; height: auto; font-variant-numeric: tabular-nums; }
.plot text { white-space: pre; }
.data { font-size: .86rem; }
.data summary { cursor: pointer; color: var(--link); padding: .2rem 0; width: fit-content; }
.data table, .wide table { table-layout: auto; width: auto; min-width: 0; font-variant-numeric: tabular-nums; }
.data th, .data td, .wide th, .wide td { padding: .2rem .9rem .2rem 0; text-align: left; vertical-align: top; }
.data td, .wide td { white-space: nowrap; }
.data tbody th, .wide tbody th { min-width: 8rem; max-width: 18rem; overflow-wrap: anywhere; }
.data td:last-child, .wide td:last-child { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
.data thead th, .wide thead th { padding-left: 0; }
.wide { padding: .4rem 1.2rem 1rem; overflow-x: auto; }
@media (max-width: 75rem) { .race { padding: 1rem; } }
@media (max-width: 40rem) {
  .diagnoses li { grid-template-columns: minmax(0, 1fr); }
  .race h2, .diagnoses, .wide, .plots { padding-left: .8rem; padding-right: .8rem; }
  .diagnosis { margin-left: .8rem; margin-right: .8rem; }
}
@media print {
  .plots { grid-template-columns: 1fr; }
  .plots figure { break-inside: avoid; }
}
`
