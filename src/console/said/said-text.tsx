import { said } from './said.js';

/** What the service says, in the language of the page where it is known there. */
export function SaidText({ text }: { text: string }) {
  const { lang, text: shown } = said(text);
  return <span {...(lang && { lang })}>{shown}</span>;
}
