export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Clameur</title>
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body>
<a class="skip" href="#events">Skip to the events</a>
<header>
  <h1>Clameur <span id="site"></span></h1>
  <p id="ready" role="status">Asking the service …</p>
</header>
<main>
  <section aria-labelledby="events">
    <h2 id="events" tabindex="-1">Events</h2>
    <div class="wide" role="region" aria-labelledby="events" tabindex="0">
    <table>
      <thead><tr>
        <th scope="col">Time (UTC)</th><th scope="col">Class</th><th scope="col">Confidence</th>
        <th scope="col">Place</th><th scope="col">Method</th><th scope="col">Poles</th>
        <th scope="col">Shots</th><th scope="col">State</th><th scope="col">Latency</th>
      </tr></thead>
      <tbody id="incidents"></tbody>
    </table>
    </div>
    <p id="none" hidden>Nothing has been heard since the service started.</p>
  </section>
  <section aria-labelledby="poles-heading">
    <h2 id="poles-heading">Poles</h2>
    <div class="wide" role="region" aria-labelledby="poles-heading" tabindex="0">
    <table>
      <thead><tr>
        <th scope="col">Pole</th><th scope="col">Feed</th><th scope="col">Last frame</th>
        <th scope="col">Clock, 1 σ</th><th scope="col">Place</th>
      </tr></thead>
      <tbody id="poles"></tbody>
    </table>
    </div>
  </section>
  <section aria-labelledby="service-heading">
    <h2 id="service-heading">Service</h2>
    <dl id="service"></dl>
  </section>
</main>
<footer>
  <p>No sound is kept: at most 4 seconds are held in memory, nothing of them is stored or sent, and an event carries
  no audio. <a href="/api/v1/status">Status as JSON</a> · <a href="/metrics">Metrics</a></p>
</footer>
<noscript><p>This page needs JavaScript; <a href="/api/v1/status">/api/v1/status</a> tells the same as JSON.</p></noscript>
</body>
</html>
`;
