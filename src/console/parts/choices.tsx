import { language, setLanguage, setTheme, theme, type Language, type Theme } from '../settings.js';
import { useStore } from '../store.js';
import { t } from '../texts.js';

/** Language and theme. */
export function Choices() {
  const chosen = useStore(language);
  const look = useStore(theme);
  return (
    <span class="choices">
      <select
        aria-label={t('language')}
        value={chosen}
        onChange={(event) => setLanguage(event.currentTarget.value as Language)}
      >
        <option value="en">English</option>
        <option value="fr">Français</option>
      </select>
      <select
        aria-label={t('theme')}
        value={look}
        onChange={(event) => setTheme(event.currentTarget.value as Theme)}
      >
        <option value="auto">{t('auto')}</option>
        <option value="light">{t('light')}</option>
        <option value="dark">{t('dark')}</option>
      </select>
    </span>
  );
}
