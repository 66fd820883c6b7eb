// An animated GIF that never ends and always shows the time
import { drawClock, HEIGHT, WIDTH } from "./clock.ts";
import { gifFrame, gifHeader } from "./gif.ts";

const COLORS = ["#10141c", "#ffd166"];

export default function streamingGif(): Response {
  let started = false;

  const gif = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (started) await untilNextSecond();
      else controller.enqueue(gifHeader(WIDTH, HEIGHT, COLORS));
      started = true;
      const time = new Date().toISOString().slice(11, 19);
      controller.enqueue(gifFrame(WIDTH, HEIGHT, drawClock(time), 100));
    },
  });

  return new Response(gif, { headers: { "content-type": "image/gif", "cache-control": "no-store" } });
}

function untilNextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
}
