/**
 * The beginning of a page up to its facts, for eta: both arguments are template text. `it` has `style`, `csp`, `view.tool` and
 * `view.facts`; the `header` is left open.
 */
export function pageTop(title: string, heading: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="<%= it.csp %>">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title} · nc-mcp-conformance</title>
<style><%~ it.style %></style>
</head>
<body>
<header class="top">
  <div class="headline">
    <h1>${heading}</h1>
    <p class="tool"><%= it.view.tool %></p>
  </div>
  <dl class="facts">
  <% for (const fact of it.view.facts) { %>
    <div><dt><%= fact.name %></dt><dd><%= fact.value %><small><%= fact.detail %></small></dd></div>
  <% } %>
  </dl>
`
}
