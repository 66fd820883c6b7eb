// An endless stream of emoji that slows down. Watch with curl -N

const FACES = [..."😀😎🤔🙃🥳🤖👻🐹🦫🐙🌵🍄🌈🔥🎈🛸"];

export default function robPikeIO(): Response {
  const utf8 = new TextEncoder();
  let sent = 0;
  let pause = 10;

  const emoji = new ReadableStream<Uint8Array>({
    // Pulled, not pushed: a reader who stops reading stops the writing too.
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      controller.enqueue(utf8.encode(FACES[Math.floor(Math.random() * FACES.length)]));
      sent += 1;
      pause *= 1.02;
    },
    cancel() {
      console.log(`The reader left after ${sent} emoji.`);
    },
  });

  return new Response(emoji, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      // Else browsers wait for 1,024 bytes, to guess what it is.
      "x-content-type-options": "nosniff",
    },
  });
}
