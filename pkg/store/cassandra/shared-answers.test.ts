import { expect, test } from "vitest";
import { SharedAnswers } from "./shared-answers.ts";

/** Answers one after the other, each when it is let go. */
function questions() {
  const open: { resolve(answer: number): void; reject(error: Error): void }[] = [];
  const answer = (): Promise<number> =>
    new Promise((resolve, reject) => {
      open.push({ resolve, reject });
    });
  return { open, answer };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("who asks meanwhile shares the next answer, which begins after the question was asked", async () => {
  const { open, answer } = questions();
  const shared = new SharedAnswers<number>();
  const first = shared.ask("a", answer);
  const [second, third] = [shared.ask("a", answer), shared.ask("a", answer)];
  expect(open).toHaveLength(1);
  open[0]?.resolve(1);
  expect(await first).toBe(1);
  await turn();
  expect(open).toHaveLength(2);
  const late = shared.ask("a", answer);
  open[1]?.resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  await turn();
  open[2]?.resolve(3);
  expect(await late).toBe(3);
  await turn();
  void shared.ask("a", answer);
  expect(open).toHaveLength(4);
});

test("another question does not wait, and a failure is told to those who shared it alone", async () => {
  const { open, answer } = questions();
  const shared = new SharedAnswers<number>();
  const first = shared.ask("a", answer);
  const other = shared.ask("b", answer);
  const second = shared.ask("a", answer);
  open[1]?.resolve(7);
  expect(await other).toBe(7);
  open[0]?.reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  await turn();
  open[2]?.resolve(8);
  expect(await second).toBe(8);
});
