interface Greeting {
  name: string;
}

const greeting: Greeting = { name: "page" };
document.title = greeting.name;
