// As many bytes as ?bytes= says, in pieces of 64 KiB, made as fast as they are read.

const PIECE = new Uint8Array(65_536).fill(120);

export default function gigabyte(req: Request): Response {
  let left = Number(new URL(req.url).searchParams.get("bytes"));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
      left -= piece.length;
      // A copy, as a real val would make: the runtime may take the buffer away.
      controller.enqueue(piece.slice());
      if (left === 0) controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "application/octet-stream" } });
}
