import { useEffect, useState } from 'preact/hooks';

/** A value that views follow. Changes within one frame are drawn once. */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();
  #asked = false;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    if (this.#asked) return;
    this.#asked = true;
    // Not requestAnimationFrame: a page in the background must not pile changes up.
    setTimeout(() => {
      this.#asked = false;
      for (const listener of [...this.#listeners]) listener();
    }, 16);
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState({});
  useEffect(() => store.follow(() => redraw({})), [store]);
  return store.value;
}

/** Loads when `key` changes; `undefined` while it does. An answer that came too late is not taken. */
export function useLoaded<T>(key: string, load: () => Promise<T>): { value?: T; error?: Error } {
  const [state, setState] = useState<{ key: string; value?: T; error?: Error }>({ key: '' });
  useEffect(() => {
    let wanted = true;
    load().then(
      (value) => wanted && setState({ key, value }),
      (error: Error) => wanted && setState({ key, error }),
    );
    return () => void (wanted = false);
  }, [key]);
  return state;
}

/** A number that goes up by itself, for what ages on the screen. */
export function useTick(millis: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((n) => n + 1), millis);
    return () => clearInterval(timer);
  }, [millis]);
  return tick;
}
