// A text that is sent while it is written, word by word

const TEXT = `A val can answer before it knows the end of its answer.
Each word of this text is a chunk of its own, sent as soon as it is there.
In the stream view you see each of them, and the pauses between them.`;

export default function handle(): Response {
  const stream = ReadableStream.from(words()).pipeThrough(new TextEncoderStream());
  return new Response(stream, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      // Else browsers wait for 1,024 bytes, to guess what it is.
      "x-content-type-options": "nosniff",
    },
  });
}

async function* words(): AsyncGenerator<string> {
  for (const word of TEXT.split(/(?<=\s)/)) {
    yield word;
    await pause(word.endsWith("\n") ? 600 : 80 + Math.random() * 120);
  }
  yield "\n";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
