/** Subjects on which sound travels. No stream may hold them: sound is not stored. */
export const SOUND_SUBJECTS = ['audio.>', 'exercise.>'] as const;

/** Whether some subject matches both patterns (NATS wildcards: `*` one token, `>` one or more to the end). */
export function subjectsOverlap(a: string, b: string): boolean {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; ; i++) {
    if (i === left.length || i === right.length) return left.length === right.length;
    if (left[i] === '>' || right[i] === '>') return true;
    if (left[i] !== right[i] && left[i] !== '*' && right[i] !== '*') return false;
  }
}
