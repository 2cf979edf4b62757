import type { Sentences } from './sentences.js';

/** The errors that the REST interface can answer to the page (src/config/errors.ts), and the problems named in them. */
export const ERROR_SENTENCES: Sentences = [
  [
    'Site {file}: {problem}. Mend the GeoJSON: a FeatureCollection of poles, each a Point [lon, lat, altitude].',
    'Site {file} : {problem}. Corrigez le GeoJSON : une FeatureCollection de mâts, chacun un Point [lon, lat, altitude].',
  ],
  [
    'Scene {file}: {problem}. A scene is a folder with site.geojson, scene.json and one audio file per pole.',
    'Scène {file} : {problem}. Une scène est un dossier avec site.geojson, scene.json et un fichier audio par mât.',
  ],
  ['Recording {file}: {problem}. {mend}.', 'Enregistrement {file} : {problem}. {mend}.'],
  [
    'The classifier stopped: {problem}. {next} If it comes back, look for memory running out, and run clameur doctor.',
    'Le classifieur s’est arrêté : {problem}. {next} Si cela revient, voyez si la mémoire manque, et lancez clameur doctor.',
  ],
  [
    'There is no {path} here. What there is: /, /healthz, /readyz, /metrics and /api/v1/…',
    'Il n’y a pas de {path} ici. Ce qu’il y a : /, /healthz, /readyz, /metrics et /api/v1/…',
  ],
  [
    '{method} is not possible on {path}. What is, stands in the header Allow.',
    '{method} n’est pas possible sur {path}. Ce qui l’est figure dans l’en-tête Allow.',
  ],
  [
    '{path} needs a token of the role {role} or above. Send it as "Authorization: Bearer …"; an operator of the machine makes one with clameur token.',
    '{path} demande un jeton du rôle {role} ou plus. Connectez-vous ; l’exploitant de la machine en crée un avec clameur token.',
  ],
  [
    '{method} {path} needs the role {role} or above. Ask for a token with that role.',
    '{method} {path} demande le rôle {role} ou plus. Demandez un jeton de ce rôle.',
  ],
  [
    '{method} {path} was asked for by the page of another host. Use the page of this one, or a token.',
    '{method} {path} a été demandé par la page d’un autre hôte. Utilisez la page de celui-ci, ou un jeton.',
  ],
  [
    'Too many requests from this address. Wait a minute, or ask less often (http.requestsPerMinute).',
    'Trop de requêtes depuis cette adresse. Attendez une minute, ou demandez moins souvent (http.requestsPerMinute).',
  ],
  [
    'Something broke inside the service. Its log tells more; please report it.',
    'Quelque chose s’est cassé dans le service. Son journal en dit plus ; merci de le signaler.',
  ],
  [
    'Verdict refused: {problem}. Send JSON such as {"incidentId": "5c1e9f0a7b3d2c48", "verdict": "dismissed", "reason": "fireworks"}; src/review/README.md lists the fields.',
    'Verdict refusé : {problem}. Les champs sont décrits dans src/review/README.md.',
  ],
  [
    'Site {site} has told of no incident {incidentId} in the last {days} days. Take incidentId from an event of events.{site}.> .',
    'Le site {site} n’a annoncé aucun incident {incidentId} ces {days} derniers jours. Prenez incidentId d’un événement de events.{site}.> .',
  ],
  [
    'Verdicts cannot be taken yet: NATS is not connected. Send it again; if that does not help: clameur doctor.',
    'Les verdicts ne peuvent pas encore être pris : NATS n’est pas connecté. Renvoyez-le ; si rien n’y fait : clameur doctor.',
  ],
  [
    'The verdict on {incidentId} could not be stored ({problem}) and does not count. Send it again; if that does not help: clameur doctor.',
    'Le verdict sur {incidentId} n’a pas pu être enregistré ({problem}) et ne compte pas. Renvoyez-le ; si rien n’y fait : clameur doctor.',
  ],
  [
    'The past incidents cannot be read: {problem}. Bring NATS with JetStream back (clameur doctor).',
    'Les incidents passés ne peuvent pas être lus : {problem}. Rétablissez NATS avec JetStream (clameur doctor).',
  ],
  [
    'it is still being read, {count} incidents so far',
    'la lecture est en cours, {count} incidents jusqu’ici',
  ],
  [
    'Parameter {parameter}: {problem}. What there is: /api/v1/openapi.json.',
    'Paramètre {parameter} : {problem}. Ce qu’il y a : /api/v1/openapi.json.',
  ],
  [
    'Site {site} has no pole "{pole}". The names stand in its site.geojson (/api/v1/site).',
    'Le site {site} n’a pas de mât « {pole} ». Les noms figurent dans son site.geojson (/api/v1/site).',
  ],
  [
    '{count} pages follow live already. Close one, or ask /api/v1/incidents now and then.',
    '{count} pages suivent déjà le direct. Fermez-en une, ou interrogez /api/v1/incidents de temps en temps.',
  ],
  [
    'The upload has more than {limit}. Cut the recording to what you ask about, or use clameur replay on the command line, which has no limit.',
    'L’envoi dépasse {limit}. Coupez l’enregistrement à ce qui vous intéresse, ou utilisez clameur replay en ligne de commande, qui n’a pas de limite.',
  ],
  [
    '{minutes} minutes of sound, all poles together (it has {has})',
    '{minutes} minutes de son, tous mâts confondus (il en a {has})',
  ],
  ['{size} GB of memory once decoded', '{size} Go de mémoire une fois décodé'],
  ['{size} MB once unpacked', '{size} Mo une fois décompressé'],
  ['{size} MB', '{size} Mo'],
  ['{count} files', '{count} fichiers'],
  [
    'The upload {name} is none of what can be replayed: WAV, FLAC, Ogg Vorbis or MP3, or a zip or tar of a scene. (Its content was looked at, not its name.) Convert it: ffmpeg -i IN OUT.flac.',
    'L’envoi {name} n’est rien qui puisse être relu : WAV, FLAC, Ogg Vorbis ou MP3, ou le zip ou le tar d’une scène. (C’est son contenu qui a été regardé, pas son nom.) Convertissez-le : ffmpeg -i IN OUT.flac.',
  ],
  ['The upload {name}: {problem}. {mend}.', 'L’envoi {name} : {problem}. {mend}.'],
  [
    'Another recording is being replayed here just now. Wait until it has ended, some seconds, and try again.',
    'Un autre enregistrement est en cours de relecture ici. Attendez quelques secondes qu’elle finisse, et réessayez.',
  ],
  [
    'There is no replay {id} here: results are kept in memory for half an hour, and are gone at a restart. Upload the recording again.',
    'Il n’y a pas de relecture {id} ici : les résultats restent une demi-heure en mémoire, et un redémarrage les efface. Envoyez de nouveau l’enregistrement.',
  ],
  [
    'The replay broke off: {problem}. Replay it with clameur replay on the command line to see more.',
    'La relecture s’est interrompue : {problem}. Relisez-le avec clameur replay en ligne de commande pour en voir plus.',
  ],
  [
    'The console is not built: {folder} is not there. Build it: npm run build.',
    'La console n’est pas construite : {folder} n’existe pas. Construisez-la : npm run build.',
  ],
  // What is wrong with a recording.
  ['cut short: it holds {have} of {want}', 'tronqué : il contient {have} sur {want}'],
  ['{count} bytes of sound', '{count} octets de son'],
  ['the beginning', 'le début'],
  ['its sound', 'son contenu'],
  ['an Ogg stream', 'un flux Ogg'],
  ['it holds no sound', 'il ne contient aucun son'],
  [
    'it is damaged, or no WAV, FLAC, Ogg or MP3, or holds no sound',
    'il est abîmé, ou n’est ni WAV, ni FLAC, ni Ogg, ni MP3, ou ne contient aucun son',
  ],
  ['it cannot be decoded ({reason})', 'il ne peut pas être décodé ({reason})'],
  ['its rate is {rate} Hz', 'sa cadence est de {rate} Hz'],
  ['it has {count} channels', 'il a {count} canaux'],
  ['Opus sound is not supported', 'le son Opus n’est pas pris en charge'],
  [
    'Copy it again from where it was recorded, or keep what is there with {command}',
    'Recopiez-le depuis sa source, ou gardez ce qui est là avec {command}',
  ],
  [
    'Copy it again from where it was recorded, or try {command}',
    'Recopiez-le depuis sa source, ou essayez {command}',
  ],
  ['Record it again', 'Enregistrez-le de nouveau'],
  ['Convert it: {command}', 'Convertissez-le : {command}'],
  [
    'Rates from 8000 to 192000 Hz work: record or convert it so',
    'Les cadences de 8000 à 192000 Hz vont : enregistrez ou convertissez-le ainsi',
  ],
  ['One to eight work: split it, a file for each pole', 'De un à huit vont : séparez-le, un fichier par mât'],
  // What is wrong with an archive or a scene.
  ['it is damaged', 'il est abîmé'],
  ['{path} is damaged', '{path} est abîmé'],
  ['{path} is cut off', '{path} est tronqué'],
  ['{path} is encrypted', '{path} est chiffré'],
  ['{path} is packed by method {method}', '{path} est compressé par la méthode {method}'],
  ['its directory is damaged', 'son répertoire est abîmé'],
  ['a head in it is damaged', 'un en-tête y est abîmé'],
  ['a size in it is no number', 'une taille y n’est pas un nombre'],
  ['it is cut off', 'il est tronqué'],
  ['it is cut off: a zip ends with a directory', 'il est tronqué : un zip finit par un répertoire'],
  ['what is packed in it is no tar', 'ce qui y est compressé n’est pas un tar'],
  ['it holds the path name {path}', 'il contient le nom de chemin {path}'],
  ['it holds {count} scenes', 'il contient {count} scènes'],
  ['there is no recording in it', 'il ne contient aucun enregistrement'],
  [
    'it holds {count} recordings and no scene.json, which tells which pole each is from and when it began',
    'il contient {count} enregistrements et pas de scene.json, qui dit de quel mât vient chacun et quand il commence',
  ],
  [
    'of {count} files none is called scene.json, so that nothing tells which pole each is from and when it began',
    'de {count} fichiers, aucun ne s’appelle scene.json : rien ne dit de quel mât vient chacun et quand il commence',
  ],
  ['the file is not there', 'le fichier manque'],
  ['the file cannot be read', 'le fichier ne peut pas être lu'],
  [
    'the recording of pole "{pole}", {file}, is not there',
    'l’enregistrement du mât « {pole} », {file}, manque',
  ],
  [
    'pole "{pole}" is not in {file}; add it there, or mend its name',
    'le mât « {pole} » n’est pas dans {file} ; ajoutez-l’y, ou corrigez son nom',
  ],
  [
    'pole "{pole}" has a recording, but {file} says "recorded": false',
    'le mât « {pole} » a un enregistrement, mais {file} dit "recorded": false',
  ],
  [
    'pole "{pole}" has two recordings; join them in one file, or give the other its own pole',
    'le mât « {pole} » a deux enregistrements ; réunissez-les en un fichier, ou donnez à l’autre son mât',
  ],
  [
    'pole "{pole}" stands twice; ids must be unique',
    'le mât « {pole} » figure deux fois ; les noms doivent être uniques',
  ],
  ['Pack it again', 'Refaites l’archive'],
  ['Copy it again', 'Recopiez-le'],
  ['Pack it without a password', 'Refaites l’archive sans mot de passe'],
  ['Pack it with deflate', 'Refaites l’archive avec deflate'],
  ['Pack the folder itself, with paths inside it', 'Archivez le dossier lui-même, avec des chemins internes'],
  ['Pack WAV, FLAC, Ogg or MP3 files', 'Archivez des fichiers WAV, FLAC, Ogg ou MP3'],
  ['Give a zip, a tar or a tar.gz', 'Donnez un zip, un tar ou un tar.gz'],
  [
    'Upload one, or replay the folder with clameur replay --report',
    'Envoyez-en une, ou relisez le dossier avec clameur replay --report',
  ],
  [
    'Add scene.json and site.geojson, or upload one recording',
    'Ajoutez scene.json et site.geojson, ou envoyez un seul enregistrement',
  ],
  ['it took more than {seconds} s', 'elle a pris plus de {seconds} s'],
  ['its process ended with {code}', 'son processus s’est terminé avec {code}'],
  // What is wrong with a request.
  ['must be west,south,east,north in degrees', 'doit être ouest,sud,est,nord en degrés'],
  ['must have west <= east, south <= north', 'doit avoir ouest <= est, sud <= nord'],
  ['the content type must be application/json', 'le type de contenu doit être application/json'],
  ['the body is not a JSON object', 'le corps n’est pas un objet JSON'],
  ['EVENTS cannot be read: {problem}', 'EVENTS ne peut pas être lu : {problem}'],
];
