/** Plain words on the law, as of the date; no legal advice. Sources: src/privacy/README.md. */
export const LAW_AS_OF = '2026-11-24';

export const LAW_IN_WORDS: readonly string[] = [
  'Software cannot make a deployment lawful. Whether microphones may listen in the street at all is for the law of the place, the controller and its supervisory authority; this record says what the system does, not that it may.',
  'No French law authorises coupling sound from public space with video. Clameur has no coupling with cameras and no command for one.',
  'Saint-Étienne: in October 2019 the CNIL warned the city that indiscriminate capture in the street, voices included, takes a law of its own; the project was dropped.',
  'Orléans: the administrative court annulled the city’s agreement on sound sensors on 12 July 2024 (no. 2104478), because coupled with cameras they used information on people who could be identified, and no law allowed it.',
  'Antwerp: in February 2025 the Belgian authority reprimanded a project that kept ten-second clips and published spectrograms, which it held to be voice prints. Clameur keeps no clip and publishes no spectrogram.',
  'For the police and criminal law the Law Enforcement Directive (2016/680) and titre III of the loi 78-17 apply rather than the GDPR; both ask for an impact assessment, data protection by design and logging.',
  'If its events dispatch the police or other first responders, or set their priority, treat the system as high-risk under annex III, point 5(d), of the AI Act until a lawyer says otherwise.',
  'An alert is evidence for a person to weigh. Nobody may be dispatched, stopped or searched on it alone.',
];
