import { pageTop } from './page-top.js'

/**
 * The page, for eta with automatic escaping: `<%= %>` escapes, `<%~ %>` does not and is used only for our own
 * style and script. `it` is `{ view, style, script, csp }`; see `html-view.ts`.
 */
export const PAGE_TEMPLATE = `${pageTop(
  '<%= it.view.conclusion.text %>',
  `<span class="seal <%= it.view.conclusion.tone %>" aria-hidden="true"><%= it.view.conclusion.tone === 'good' ? '✓' : it.view.conclusion.tone === 'bad' ? '✗' : '?' %></span><%= it.view.conclusion.text %>`,
)}  <% if (it.view.mutants.length > 0) { %>
  <p class="notice"><strong>Mutants were switched on:</strong> <% for (const mutant of it.view.mutants) { %><code><%= mutant %></code> <% } %></p>
  <% } %>
  <% for (const row of it.view.stale) { %>
  <p class="notice"><strong>Stale known deviation:</strong> <code><%= row.check %></code> no longer shows <code><%= row.finding %></code> of <%= row.profile %></p>
  <% } %>
  <% for (const notice of it.view.baseline.notices) { %>
  <p class="notice"><strong>Baseline, <%= notice.kind %>:</strong> <code><%= notice.check %></code> (<%= notice.mode %>) <%= notice.text %></p>
  <% } %>
</header>
<form class="filters" role="search" aria-label="Filter the matrix">
  <div class="chips" role="group" aria-label="Verdicts">
  <% for (const chip of it.view.chips) { %>
    <button type="button" class="chip v-<%= chip.verdict %>" data-verdict="<%= chip.verdict %>" aria-pressed="false"><span aria-hidden="true"><%= chip.symbol %></span> <b><%= chip.count %></b> <%= chip.label %></button>
  <% } %>
  <% if (it.view.baseline.accepted > 0) { %>
    <button type="button" class="chip v-not-applicable" data-verdict="baselined" aria-pressed="false" title="accepted by <%= it.view.baseline.file %>"><span aria-hidden="true">⊘</span> <b><%= it.view.baseline.accepted %></b> baselined</button>
  <% } %>
  </div>
  <label>Suite
    <select id="filter-suite"><option value="">all</option>
    <% for (const suite of it.view.suites) { %><option><%= suite.name %></option><% } %>
    </select>
  </label>
  <label class="grow">Text <input id="filter-text" type="search" placeholder="check, title or message" autocomplete="off"></label>
  <output id="shown" aria-live="polite"></output>
</form>
<div class="columns">
<main id="matrix">
<% for (const suite of it.view.suites) { %>
<section class="suite" data-suite="<%= suite.name %>">
  <h2><%= suite.name %> <small class="<%= suite.quiet === suite.total ? 'good' : 'bad' %>"><%= suite.quiet %> of <%= suite.total %> as expected</small></h2>
  <table>
    <thead><tr><th scope="col">check</th><% for (const mode of suite.modes) { %><th scope="col" class="mode"><%= mode %></th><% } %></tr></thead>
    <tbody>
    <% for (const row of suite.rows) { %>
    <tr data-search="<%= row.search %>">
      <th scope="row"><code><%= row.check %></code> <span class="level"><%= row.level %></span><% if (row.projectRule) { %><span class="level">project rule</span><% } %><span class="title"><%= row.title %></span></th>
      <% for (const cell of row.cells) { %>
      <td><% if (cell !== null) { %><a class="cell v-<%= cell.verdict %>" data-verdict="<%= cell.verdict %>"<% if (cell.baselined) { %> data-baselined<% } %> href="#<%= cell.id %>"><span aria-hidden="true"><%= cell.symbol %></span> <%= cell.label %></a><% if (cell.baselined) { %> <span class="accepted">baselined</span><% } %><% } %></td>
      <% } %>
    </tr>
    <% } %>
    </tbody>
  </table>
</section>
<% } %>
<p id="nothing" hidden>No check matches the filters.</p>
</main>
<aside aria-label="Evidence">
<section class="overview">
  <h2>Where the tokens came from</h2>
  <% if (it.view.tokens.length === 0) { %><p>This run needed no tokens.</p><% } else { %>
  <p>Each token is real: a client was registered, a person logged in and consented, the code was exchanged. Choose a cell of the matrix to see the evidence for its verdict.</p><% } %>
  <% for (const token of it.view.tokens) { %>
  <article class="token">
    <h3><%= token.title %></h3>
    <p><code><%= token.fingerprint %></code> <%= token.how %>, <%= token.duration %></p>
    <div class="trail"><%~ it.renderEvidence(token.evidence) %></div>
  </article>
  <% } %>
  <% if (it.view.logs.length > 0) { %>
  <h2>Logs</h2>
  <% for (const log of it.view.logs) { %>
  <details class="exchange"><summary><b><%= log.title %></b> <span class="muted">last <%= log.count %> lines</span></summary><pre><%= log.text %></pre></details>
  <% } %>
  <% } %>
</section>
<% for (const cell of it.view.cells) { %>
<section class="evidence" id="<%= cell.id %>" data-verdict="<%= cell.verdict %>" tabindex="-1">
  <a class="close" href="#matrix" aria-label="Close the evidence">×</a>
  <p class="where"><span class="cell v-<%= cell.verdict %>"><span aria-hidden="true"><%= cell.symbol %></span> <%= cell.label %></span> <span class="level"><%= cell.level %></span> <span class="level"><%= cell.mode %></span> <span class="muted"><%= cell.duration %></span></p>
  <h2><code><%= cell.check %></code></h2>
  <p class="requirement"><%= cell.title %></p>
  <ul class="sources">
  <% for (const source of cell.sources) { %>
    <li><% if (source.url === null) { %><%= source.label %><% } else { %><a href="<%= source.url %>" rel="noreferrer noopener" target="_blank"><%= source.label %></a><% } %></li>
  <% } %>
  <% if (cell.projectRule) { %><li>project rule</li><% } %>
  <% for (const name of cell.covers) { %><li>covers “<%= name %>”</li><% } %>
  </ul>
  <p class="message v-<%= cell.verdict %>"><%= cell.message %></p>
  <% if (cell.accepted !== null) { %><p class="deviation"><strong>Accepted by the baseline.</strong> <%= cell.accepted %></p><% } %>
  <% for (const finding of cell.findings) { %>
  <div class="finding">
    <h3><code><%= finding.id %></code><% if (finding.level !== null) { %> <span class="level"><%= finding.level %></span><% } %></h3>
    <p><%= finding.message %></p>
    <% if (finding.deviation !== null) { %><p class="deviation"><strong>Known deviation of Nextcloud.</strong> <%= finding.deviation %></p><% } %>
    <div class="pair">
    <% if (finding.expected !== null) { %><div><h4>expected</h4><pre><%= finding.expected %></pre></div><% } %>
    <% if (finding.observed !== null) { %><div><h4>observed</h4><pre><%= finding.observed %></pre></div><% } %>
    </div>
  </div>
  <% } %>
  <% if (cell.observed !== null) { %><div class="pair"><div><h4>observed</h4><pre><%= cell.observed %></pre></div></div><% } %>
  <% for (const advice of cell.advice) { %>
  <div class="advice"><h3><%= advice.title %></h3><p><% for (const part of advice.parts) { %><% if (part.isCode) { %><code><%= part.text %></code><% } else { %><%= part.text %><% } %><% } %></p></div>
  <% } %>
  <h3 class="trail-title">Evidence</h3>
  <% if (cell.evidence.length === 0) { %><p class="muted">Nothing was exchanged.</p><% } %>
  <div class="trail"><%~ it.renderEvidence(cell.evidence) %></div>
</section>
<% } %>
</aside>
</div>
<script><%~ it.script %></script>
</body>
</html>
`

/** The items of one evidence trail; `it` is `{ items }`. */
export const EVIDENCE_TEMPLATE = `<% for (const item of it.items) { %>
<% if (item.kind === 'note') { %><p class="note"><%= item.text %></p>
<% } else if (item.kind === 'screenshot') { %><figure><% if (item.src === null) { %><p class="muted">the picture is missing</p><% } else { %><img src="<%= item.src %>" alt="Screenshot <%= item.name %>" loading="lazy"><% } %><figcaption><%= item.name %></figcaption></figure>
<% } else { %><details class="exchange"<% if (item.open) { %> open<% } %>>
<summary><span class="number"><%= item.number %></span> <b><%= item.method %></b> <span class="url"><%= item.path %> <small><%= item.origin %></small></span> <span class="status <%= item.tone %>"><%= item.outcome %></span> <span class="muted"><%= item.duration %></span></summary>
<h4>request</h4><pre><%= item.request %></pre>
<% if (item.response !== null) { %><h4>response</h4><pre><%= item.response %></pre><% } %>
<% if (item.failure !== null) { %><p class="note"><%= item.failure %></p><% } %>
</details>
<% } %>
<% } %>`
