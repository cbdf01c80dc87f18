/** For what is asked of an account and not of a stack: many stacks of one account are answered by one look. */

/** More than the windows that a run over many stacks goes through. */
const mostAnswers = 20;

/** Asks once for the same question; what failed is asked again. */
export function remembering<Question extends readonly unknown[], Answer>(
  ask: (...question: Question) => Promise<Answer>,
): (...question: Question) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return (...question) => {
    const key = JSON.stringify(question);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(...question);
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    for (const oldest of [...answers.keys()].slice(0, -mostAnswers)) answers.delete(oldest);
    return answer;
  };
}
