import { poem, webPage } from "./texts.ts";

/** What was said to a model, in whichever of the two protocols. */
export interface Prompt {
  /** Who speaks to the model as its maker: system and developer messages, instructions. */
  readonly rules: string;
  /** What the user said last. */
  readonly question: string;
  /** Everything, to count. */
  readonly all: string;
}

export interface Message {
  readonly role?: string;
  readonly content?: string | readonly { readonly text?: string }[] | null;
}

/** The prompt in a list of messages. */
export function readPrompt(messages: readonly Message[], instructions = ""): Prompt {
  const texts = messages.map(({ role, content }) => ({ role, text: textOf(content) }));
  const rules = texts.filter(({ role }) => role === "system" || role === "developer").map(({ text }) => text);
  return {
    rules: [instructions, ...rules].join("\n"),
    question: texts.findLast(({ role }) => role === undefined || role === "user")?.text.trim() ?? "",
    all: [instructions, ...texts.map(({ text }) => text)].join("\n"),
  };
}

/** The demo model's answer, in the pieces in which it is sent. */
export function write(prompt: Prompt, most = Infinity): string[] {
  return pieces(compose(prompt)).slice(0, most);
}

/** Words, each with the space before it; what is longer than a word is cut. */
export function pieces(text: string): string[] {
  return text.match(/\s*\S{1,12}|\s+$/g) ?? [];
}

function compose({ rules, question }: Prompt): string {
  const topic = topicOf(question);
  if (/\b(html|web ?pages?|web ?sites?)\b/i.test(`${rules}\n${question}`)) return webPage(topic);
  if (/\b(poems?|haiku|verses?|rhymes?|sonnet|limerick)\b/i.test(question)) return poem(topic);
  const said = question.length > 300 ? `${question.slice(0, 300)}…` : question;
  if (said === "") return "You asked nothing, and I am only the demo model of this town.";
  return [
    `You asked: “${said}”`,
    "I am only the demo model of this town: I can repeat a question, write a small poem, or a web page in HTML, and I know nothing else.",
    "To hear a real model, the operator starts Hamlet with --openai-url and a key; your val stays as it is.",
  ].join("\n\n");
}

/** What follows the last “about”, “on”, “for” or “of”, else the question itself; a few words of it. */
function topicOf(question: string): string {
  const topic =
    /.*\b(?:about|on|for|of)\s+(?:an?\s+|the\s+)?([^.,;:!?\n]+)/is.exec(question)?.[1] ?? question;
  const words = topic.trim().split(/\s+/).slice(0, 6).join(" ").slice(0, 60);
  return words === "" ? "nothing" : words;
}

function textOf(content: Message["content"]): string {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => part?.text ?? "").join("\n") : "";
}
