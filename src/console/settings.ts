import { Store } from './store.js';

export type Language = 'en' | 'fr';
export type Theme = 'auto' | 'light' | 'dark';

/** A report opened from disk may have no storage; then a choice lasts as long as the page. */
function remembered(key: string): string | undefined {
  try {
    return localStorage.getItem(`clameur.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`clameur.${key}`, value);
  } catch {
    // Nothing depends on it.
  }
}

const wanted = remembered('language') ?? navigator.language.slice(0, 2);
export const language = new Store<Language>(wanted === 'fr' ? 'fr' : 'en');
export const theme = new Store<Theme>((remembered('theme') as Theme | undefined) ?? 'auto');

export function setLanguage(to: Language): void {
  remember('language', to);
  document.documentElement.lang = to;
  language.set(to);
}

export function setTheme(to: Theme): void {
  remember('theme', to);
  document.documentElement.dataset['theme'] = to;
  theme.set(to);
}

setLanguage(language.value);
setTheme(theme.value);
