interface Lane<Answer> {
  readonly current: Promise<Answer>;
  next?: Promise<Answer>;
}

/**
 * Who asks while the same question is being answered gets the next answer, together with all others who ask meanwhile: it is
 * begun after they asked, so it is as fresh as one of their own.
 */
export class SharedAnswers<Answer> {
  readonly #lanes = new Map<string, Lane<Answer>>();

  ask(question: string, answer: () => Promise<Answer>): Promise<Answer> {
    const lane = this.#lanes.get(question);
    if (lane === undefined) return this.#begin(question, answer);
    const begin = (): Promise<Answer> => this.#begin(question, answer);
    lane.next ??= lane.current.then(begin, begin);
    return lane.next;
  }

  #begin(question: string, answer: () => Promise<Answer>): Promise<Answer> {
    const lane: Lane<Answer> = { current: answer() };
    this.#lanes.set(question, lane);
    const end = (): void => {
      if (lane.next === undefined) this.#lanes.delete(question);
    };
    lane.current.then(end, end);
    return lane.current;
  }
}
