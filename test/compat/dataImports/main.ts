import cities from "./data/cities.json" with { type: "json" };
import poem from "./poem.txt" with { type: "text" };
import logo from "./logo.svg" with { type: "text" };

export default (_req: Request) =>
  Response.json({ cities: cities.map((c) => c.name), poem, svg: logo.startsWith("<svg") });
