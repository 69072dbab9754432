import { pageTop } from '../../report/page-top.js'

/**
 * The page, for eta with automatic escaping: `<%~ %>` does not escape and is used only for our own style and for
 * pictures, which a serializer of XML has escaped. `it` is `{ view, style, csp }`; see `page-view.ts`.
 */
export const PAGE_TEMPLATE = `${pageTop('Registration race', 'Registration race')}</header>
<main class="race">
<section class="suite" aria-labelledby="diagnoses">
  <h2 id="diagnoses">What was found</h2>
  <ul class="diagnoses">
  <% for (const row of it.view.diagnoses) { %>
    <li><span><span class="<%= row.tone %>" aria-hidden="true"><%= row.symbol %></span> <a href="#cause-<%= row.cause %>"><%= row.cause %></a></span><span><%= row.sentence %></span></li>
  <% } %>
  </ul>
</section>
<% if (it.view.server !== null) { %>
<section class="suite" aria-labelledby="server">
  <h2 id="server">How the server behaves</h2>
  <div class="wide" tabindex="0" role="region" aria-labelledby="server"><%~ it.renderTable(it.view.server) %></div>
</section>
<% } %>
<% for (const cause of it.view.causes) { %>
<section class="suite" id="cause-<%= cause.cause %>" aria-labelledby="heading-<%= cause.cause %>">
  <h2 id="heading-<%= cause.cause %>"><%= cause.cause %></h2>
  <% for (const sentence of cause.sentences) { %><p class="diagnosis"><%= sentence %></p><% } %>
  <div class="plots">
  <% for (const figure of cause.figures) { %>
  <figure>
    <h3><%= figure.title %></h3>
    <div class="scroll" tabindex="0" role="region" aria-label="<%= figure.title %>"><%~ figure.svg %></div>
    <figcaption><%= figure.description %></figcaption>
    <details class="data"><summary>Data of this plot</summary><div class="scroll"><%~ it.renderTable(figure.table) %></div></details>
  </figure>
  <% } %>
  </div>
  <% if (cause.answers !== null) { %>
  <details class="data wide"><summary>Answers of failing steps</summary><%~ it.renderTable(cause.answers) %></details>
  <% } %>
</section>
<% } %>
</main>
</body>
</html>
`

/** A table of texts; `it` is `{ columns, rows }`. The first column names the row. */
export const TABLE_TEMPLATE = `<table>
<thead><tr><% for (const column of it.columns) { %><th scope="col"><%= column %></th><% } %></tr></thead>
<tbody><% for (const row of it.rows) { %>
<tr><% row.forEach((cell, index) => { %><% if (index === 0) { %><th scope="row"><%= cell %></th><% } else { %><td><%= cell %></td><% } %><% }) %></tr><% } %>
</tbody></table>`
