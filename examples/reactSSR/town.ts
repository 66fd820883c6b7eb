/** Data that takes its time, as data does. */

export interface Headline {
  id: number;
  text: string;
}

export function forecast(): Promise<string> {
  return after(400, "Light wind from the west, 18 °C.");
}

export function traffic(): Promise<string> {
  return after(1200, "One sheep on the bridge. It is thinking.");
}

export function headlines(): Promise<Headline[]> {
  return after(2000, [
    { id: 1, text: "Baker opens at five" },
    { id: 2, text: "Clock tower is right again, twice a day" },
    { id: 3, text: "Val wins prize" },
  ]);
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms));
}
