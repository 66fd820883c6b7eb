export const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Server-sent events</title>
    <style>
      body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 32rem; }
      li { font-variant-numeric: tabular-nums; }
    </style>
  </head>
  <body>
    <h1>Server-sent events</h1>
    <p id="state">Connecting…</p>
    <ol id="events" reversed></ol>
    <script type="module">
      const state = document.querySelector("#state");
      const list = document.querySelector("#events");
      const source = new EventSource("/events");

      source.onopen = () => (state.textContent = "Connected.");
      source.onerror = () => (state.textContent = "Connection lost, trying again…");
      source.onmessage = (event) => {
        const item = document.createElement("li");
        item.value = Number(event.lastEventId);
        item.textContent = JSON.parse(event.data).time;
        list.prepend(item);
        while (list.children.length > 20) list.lastElementChild.remove();
      };
    </script>
  </body>
</html>
`;
