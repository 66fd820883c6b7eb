// Would run inside the server if its runtime read this folder's settings.
await fetch("http://127.0.0.1:{{tcp}}/preloaded");
