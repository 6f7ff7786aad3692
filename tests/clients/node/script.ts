// What the programs of all clients in TypeScript share: what they are told, and what they say.
import { readFileSync } from "node:fs";

export interface Asked {
  operation: string;
  id: string;
  cursor: string;
  if_match?: string;
  body: any;
}

const { BASE_URL, API_TOKEN, NUMBERS, REFUSALS } = process.env as Record<string, string>;
export const baseUrl = BASE_URL;
export const token = API_TOKEN;
export const numbers = NUMBERS.split(" "); // two that nobody has

// Those of refusals.json, about what the program has made.
export const refusals = (assistant: string, number: string, key: string): Asked[] =>
  JSON.parse(
    readFileSync(REFUSALS, "utf-8")
      .replaceAll("$ASSISTANT", assistant)
      .replaceAll("$NUMBER", number)
      .replaceAll("$KEY", key),
  );

export const say = (...words: unknown[]) => console.log(...words);

export const run = (story: () => Promise<void>) =>
  story().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
