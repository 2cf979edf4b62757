import type { Sentences } from './sentences.js';

/** Why the service thinks so: what src/locate puts into an event's reasons, and how a scene is compared with its truth. */
export const EVIDENCE_SENTENCES: Sentences = [
  ['Might be {class}: {score} at {pole}.', 'Pourrait être : {class}, {score} à {pole}.'],
  ['Sounded like {class} too: {score} at {pole}.', 'Ressemblait aussi à : {class}, {score} à {pole}.'],
  [
    'One pole heard it, clearly enough to stand alone.',
    'Un seul mât l’a entendu, assez nettement pour suffire.',
  ],
  ['One pole heard it, weakly.', 'Un seul mât l’a entendu, faiblement.'],
  [
    '{n} poles heard it, {strong} of them as {class} above {on}.',
    '{n} mâts l’ont entendu, dont {strong} comme {class} au-dessus de {on}.',
  ],
  [
    'Travel times fit one place to {ms} ms.',
    'Les temps de propagation s’accordent sur un lieu à {ms} ms près.',
  ],
  [
    '1 listening pole within earshot heard nothing ({names}).',
    'Un mât à l’écoute et à portée n’a rien entendu ({names}).',
  ],
  [
    '{n} listening poles within earshot heard nothing ({names}).',
    '{n} mâts à l’écoute et à portée n’ont rien entendu ({names}).',
  ],
  [
    'Arrivals from only {n} places: no check on where it was.',
    'Arrivées en {n} lieux seulement : rien ne vérifie la position.',
  ],
  [
    'The poles that heard it lie badly for a place.',
    'Les mâts qui l’ont entendu sont mal placés pour donner une position.',
  ],
  ['Travel times fit no one place well.', 'Les temps de propagation ne s’accordent bien sur aucun lieu.'],
  [
    'If one pole were wrong the place would be another: not certain enough for an exact one.',
    'Si un mât se trompait, le lieu serait un autre : pas assez sûr pour une position exacte.',
  ],
  ['{n} pole hears it no more; loudest at {pole}.', '{n} mât ne l’entend plus ; le plus fort à {pole}.'],
  ['{n} poles hear it no more; loudest at {pole}.', '{n} mâts ne l’entendent plus ; le plus fort à {pole}.'],
  [
    '{n} pole hears it, {still} still; loudest at {pole}.',
    '{n} mât l’entend, {still} encore ; le plus fort à {pole}.',
  ],
  [
    '{n} poles hear it, {still} still; loudest at {pole}.',
    '{n} mâts l’entendent, {still} encore ; le plus fort à {pole}.',
  ],
  [
    '{n} blasts grouped: more than {most} a minute are rather fireworks than shots.',
    '{n} détonations groupées : plus de {most} par minute, ce sont plutôt des feux d’artifice que des tirs.',
  ],
  ['not heard', 'pas entendu'],
  ['class is {class}', 'la classe est {class}'],
  ['time is off by {off} s', 'l’heure diffère de {off} s'],
  ['shots: none instead of {count}', 'tirs : aucun au lieu de {count}'],
  ['shots: {found} instead of {count}', 'tirs : {found} au lieu de {count}'],
  ['no place', 'pas de position'],
  ['place is off by {off} m', 'la position est à {off} m'],
];
