/**
 * OpenAI's own client in Deno, driven by lines of JSON: `{id, kind, params}` in, `{id, …}` out for each thing that
 * happens. The first argument is the package, the second the client's options.
 */
const [specifier = "", options = "{}"] = Deno.args;
const { default: OpenAI } = await import(specifier);
const client = new OpenAI(JSON.parse(options));
const leaving = new Map();

const say = (id, what) => console.log(JSON.stringify({ id, ...what }));

async function run({ id, kind, params }) {
  if (kind === "leave") return leaving.get(params.of)();
  try {
    if (kind === "models") {
      const ids = [];
      for await (const model of client.models.list()) ids.push(model.id);
      say(id, { ids });
    } else if (kind === "chat") await runChat(id, params);
    else await runResponses(id, params);
  } catch (error) {
    const { name, status, message, code, type } = error;
    say(id, { error: { kind: error.constructor.name, name, status, message, code, type } });
  }
}

async function runChat(id, params) {
  const { data, response } = await client.chat.completions.create(params).withResponse();
  const model = response.headers.get("x-hamlet-model");
  if (!params.stream) return say(id, { text: data.choices[0].message.content, model });
  leaving.set(id, () => data.controller.abort());
  for await (const chunk of data) say(id, { delta: chunk.choices[0]?.delta.content ?? "" });
  say(id, { done: true, model });
}

async function runResponses(id, params) {
  const answer = await client.responses.create(params);
  if (!params.stream) return say(id, { text: answer.output_text });
  let text = "";
  for await (const event of answer) {
    if (event.type === "response.output_text.delta") text += event.delta;
    if (event.type === "response.completed")
      say(id, { text, whole: event.response.output[0].content[0].text });
  }
}

say("client", { ready: true });
let rest = "";
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  for (const line of lines) run(JSON.parse(line));
}
