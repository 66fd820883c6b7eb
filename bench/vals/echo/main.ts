// Sends every piece of the request body back as soon as it is here, each through the val's own code.

export default function echo(req: Request): Response {
  const reader = req.body!.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  return new Response(body);
}
