import type { Language } from '../domain/language.ts';

/** Texts of one e-mail about an upload link. */
interface LetterText {
  readonly subject: (purpose: string) => string;
  readonly heading: string;
  readonly lead: string;
  /** Advice to recipients who did not expect the e-mail. */
  readonly unexpected: string;
}

/** Texts of the e-mails about upload links. */
export interface LetterWords {
  readonly purpose: string;
  readonly link: string;
  readonly accepted: string;
  readonly refused: string;
  readonly open: string;
  readonly keepPrivate: string;
  readonly invite: LetterText;
  readonly received: LetterText;
  readonly arrived: LetterText;
  readonly outcome: LetterText;
}

const english: LetterWords = {
  purpose: 'For',
  link: 'Link',
  accepted: 'Accepted',
  refused: 'Refused',
  open: 'Open the page to send files',
  keepPrivate:
    'Whoever has this e-mail can send files in your place and see the names of your files. Please do not forward it.',
  invite: {
    subject: (purpose) => `Please send files: ${purpose}`,
    heading: 'You have been asked to send files',
    lead: 'Open the link, choose the files, and press Finish once all of them have been sent. You do not need an account.',
    unexpected:
      'Somebody who receives files here has sent you this link. If you do not know what it is about, do not open it.',
  },
  received: {
    subject: (purpose) => `Your files have arrived: ${purpose}`,
    heading: 'Your files have arrived',
    lead: 'Thank you. The files are checked for malware before anybody can open them. The link no longer works.',
    unexpected: 'If you did not send these files, tell whoever asked you for them.',
  },
  arrived: {
    subject: (purpose) => `Files have arrived: ${purpose}`,
    heading: 'Files that you asked for have arrived',
    lead: 'They are being checked. You will get another e-mail when that is done.',
    unexpected: 'If you did not expect these files, talk to whoever you gave the link to.',
  },
  outcome: {
    subject: (purpose) => `Files have been checked: ${purpose}`,
    heading: 'The files that you asked for have been checked',
    lead: 'Files that were accepted can be downloaded. Those that were refused have been deleted.',
    unexpected: 'If you did not expect these files, talk to whoever you gave the link to.',
  },
};

const german: LetterWords = {
  purpose: 'Zweck',
  link: 'Link',
  accepted: 'Angenommen',
  refused: 'Abgelehnt',
  open: 'Seite zum Senden öffnen',
  keepPrivate:
    'Wer diese E-Mail hat, kann an Ihrer Stelle Dateien senden und die Namen Ihrer Dateien sehen. Bitte leiten Sie sie nicht weiter.',
  invite: {
    subject: (purpose) => `Bitte senden Sie Dateien: ${purpose}`,
    heading: 'Sie wurden um Dateien gebeten',
    lead: 'Öffnen Sie den Link, wählen Sie die Dateien aus und klicken Sie auf die letzte Schaltfläche, wenn alle gesendet sind. Sie brauchen kein Konto.',
    unexpected:
      'Jemand, der hier Dateien empfängt, hat Ihnen diesen Link gesendet. Wenn Sie nicht wissen, worum es geht, öffnen Sie ihn nicht.',
  },
  received: {
    subject: (purpose) => `Ihre Dateien sind angekommen: ${purpose}`,
    heading: 'Ihre Dateien sind angekommen',
    lead: 'Vielen Dank. Die Dateien werden auf Schadsoftware geprüft, bevor jemand sie öffnen kann. Der Link funktioniert nicht mehr.',
    unexpected:
      'Falls Sie diese Dateien nicht gesendet haben, sagen Sie es der Person, die Sie darum gebeten hat.',
  },
  arrived: {
    subject: (purpose) => `Dateien sind angekommen: ${purpose}`,
    heading: 'Dateien, um die Sie gebeten haben, sind angekommen',
    lead: 'Sie werden geprüft. Wenn das geschehen ist, erhalten Sie eine weitere E-Mail.',
    unexpected:
      'Falls Sie diese Dateien nicht erwarten, sprechen Sie mit der Person, der Sie den Link gegeben haben.',
  },
  outcome: {
    subject: (purpose) => `Dateien wurden geprüft: ${purpose}`,
    heading: 'Die Dateien, um die Sie gebeten haben, wurden geprüft',
    lead: 'Angenommene Dateien lassen sich herunterladen. Abgelehnte wurden gelöscht.',
    unexpected:
      'Falls Sie diese Dateien nicht erwarten, sprechen Sie mit der Person, der Sie den Link gegeben haben.',
  },
};

const french: LetterWords = {
  purpose: 'Objet',
  link: 'Lien',
  accepted: 'Accepté',
  refused: 'Refusé',
  open: 'Ouvrir la page d’envoi',
  keepPrivate:
    'Toute personne qui a cet e-mail peut envoyer des fichiers à votre place et voir les noms des vôtres. Merci de ne pas le transférer.',
  invite: {
    subject: (purpose) => `Merci d’envoyer des fichiers : ${purpose}`,
    heading: 'Des fichiers vous sont demandés',
    lead: 'Ouvrez le lien, choisissez les fichiers et appuyez sur le dernier bouton quand tous sont envoyés. Vous n’avez pas besoin de compte.',
    unexpected:
      'Une personne qui reçoit des fichiers ici vous a envoyé ce lien. Si vous ne savez pas de quoi il s’agit, ne l’ouvrez pas.',
  },
  received: {
    subject: (purpose) => `Vos fichiers sont arrivés : ${purpose}`,
    heading: 'Vos fichiers sont arrivés',
    lead: 'Merci. Une recherche de logiciels malveillants est faite avant que quiconque puisse ouvrir les fichiers. Le lien ne fonctionne plus.',
    unexpected: 'Si vous n’avez pas envoyé ces fichiers, dites-le à la personne qui vous les a demandés.',
  },
  arrived: {
    subject: (purpose) => `Des fichiers sont arrivés : ${purpose}`,
    heading: 'Des fichiers que vous avez demandés sont arrivés',
    lead: 'Ils sont en cours de vérification. Vous recevrez un autre e-mail quand elle sera terminée.',
    unexpected:
      'Si vous n’attendiez pas ces fichiers, parlez-en à la personne à qui vous avez donné le lien.',
  },
  outcome: {
    subject: (purpose) => `Des fichiers ont été vérifiés : ${purpose}`,
    heading: 'Les fichiers que vous avez demandés ont été vérifiés',
    lead: 'Les fichiers acceptés peuvent être téléchargés. Ceux qui ont été refusés sont supprimés.',
    unexpected:
      'Si vous n’attendiez pas ces fichiers, parlez-en à la personne à qui vous avez donné le lien.',
  },
};

export function letterWords(language: Language): LetterWords {
  return { en: english, de: german, fr: french }[language];
}
