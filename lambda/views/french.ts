import { frenchProblems } from './french-problems.ts';
import { html } from './html.ts';
import type { Messages } from './messages.ts';

/*
 * French typography puts a no-break space before a colon and a narrow one before ; ! and ? (Lexique des règles
 * typographiques en usage à l'Imprimerie nationale). In the source, these spaces are written as \u00a0 and \u202f,
 * because they look like ordinary spaces.
 */

/** French catalog, in the formal form of address. */
export const french: Messages = {
  lang: 'fr',
  locale: 'fr-FR',
  product: 'Téléchargement unique',
  footer:
    'Chaque lien ouvre un fichier, une seule fois. Ces pages ne déposent aucun cookie de suivi, ne chargent rien d’ailleurs et ne demandent jamais de mot de passe.',
  colon: '\u00a0:',
  moment: (day, time) => `${day.replace(/^1 /, '1er ')} à ${time} (UTC)`,
  contact: { support: 'Une question\u202f? Écrivez à', imprint: 'Mentions légales' },
  progress: {
    send: { button: 'Envoi en cours…', status: 'Un instant\u00a0: votre demande est en route.' },
    download: {
      button: 'Préparation du téléchargement…',
      status: 'Un instant\u00a0: nous allons chercher votre fichier.',
      started:
        'Le téléchargement devrait avoir commencé\u00a0: vous le trouverez dans votre navigateur. Une fois qu’il est terminé, vous pouvez fermer cette page.',
    },
  },
  kinds: {
    pdf: 'Document PDF',
    'text-document': 'Document texte',
    spreadsheet: 'Feuille de calcul',
    presentation: 'Présentation',
    ebook: 'Livre numérique',
    'plain-text': 'Texte brut',
    'web-page': 'Page web',
    calendar: 'Événement d’agenda',
    archive: 'Archive compressée',
    program: 'Programme',
    data: 'Fichier de données',
    image: 'Image',
    audio: 'Enregistrement audio',
    video: 'Vidéo',
    font: 'Police de caractères',
  },
  file: {
    name: 'Fichier',
    kind: 'Type',
    size: 'Taille',
    checksum: 'SHA-256',
    contents: 'Contient',
    linkWorksUntil: 'Lien valable jusqu’au',
    left: (until, left) => html`${until} <span>(encore ${left})</span>`,
  },
  request: {
    title: 'Recevez votre fichier par e-mail',
    lead: (lifetime) =>
      `Saisissez votre adresse e-mail et nous vous enverrons un lien vers le fichier. Le lien ne fonctionne qu’une fois et reste valable ${lifetime}.`,
    email: 'Votre adresse e-mail',
    asset: 'Nom du fichier',
    assetHint: 'Exactement tel qu’il vous a été communiqué, par exemple rapport.pdf',
    submit: 'M’envoyer le lien',
    privacy: 'La personne qui propose le fichier peut voir qui l’a demandé.',
    limits: ({ cooldown, addressPerHour, sourcePerHour }) =>
      `Pour protéger les boîtes aux lettres, nous envoyons pour chaque fichier et chaque adresse au plus un e-mail par ${
        cooldown === undefined ? 'minute' : `période de ${cooldown}`
      } et ${addressPerHour} par heure, et nous acceptons au plus ${sourcePerHour} demandes par heure provenant d’un même réseau.`,
  },
  proof: {
    button: 'Vérification…',
    status:
      'Un instant\u00a0: votre navigateur résout un petit calcul, qui tient à distance les envois en masse. Il dure quelques secondes, jusqu’à une demi-minute sur un téléphone.',
    withoutScripts: (requests) =>
      `Sans JavaScript, nous acceptons au plus ${requests} demandes par heure depuis votre réseau.`,
  },
  checkInbox: {
    title: 'Consultez votre boîte de réception',
    lead: 'Si votre adresse est autorisée à recevoir le fichier, un e-mail contenant le lien vous est envoyé.',
    lifetime: (lifetime) => `Le lien ne fonctionne qu’une fois et reste valable ${lifetime}.`,
    nothingThere: 'Rien reçu\u202f?',
    hints: (askAgainAfter) => [
      'Regardez dans le dossier des courriers indésirables.',
      'Vérifiez que l’adresse saisie ne contient pas de faute de frappe.',
      `Vous pourrez refaire une demande dans ${askAgainAfter ?? 'une minute'}.`,
    ],
    askAgain: 'Refaire une demande',
    sameForAll:
      'Cette page est la même pour toutes les adresses, afin que personne ne puisse savoir qui a accès à quel fichier.',
  },
  confirm: {
    title: 'Votre fichier est prêt',
    lead: 'Appuyez sur le bouton depuis l’appareil sur lequel vous voulez enregistrer le fichier.',
    submit: 'Télécharger le fichier',
    goodToKnow: 'Bon à savoir',
    once: 'Le lien ne fonctionne qu’une fois. Ouvrir cette page ne l’utilise pas\u202f; appuyer sur le bouton, si.',
    starts: 'Le téléchargement commence aussitôt et cette page reste affichée.',
    breaksOff: (startWithin, newLink) =>
      html`Le téléchargement doit commencer dans un délai de ${startWithin} et ne peut pas être repris. S’il s’interrompt, ${newLink}.`,
    breaksOffStream: (newLink) =>
      html`Le téléchargement ne peut pas être repris. S’il s’interrompt, ${newLink}.`,
    breaksOffAgain: (duration, newLink) =>
      html`Si le téléchargement s’interrompt, rouvrez cette page dans ce navigateur. Pendant ${duration}, vous pouvez y récupérer de nouveau le fichier, jusqu’à trois fois\u202f; votre navigateur conserve un cookie à cet effet. Ensuite, ${newLink}.`,
    stamped:
      'Chaque page de votre exemplaire indique à qui il est destiné, quand il a été créé et le numéro de votre lien.',
    checksum:
      'L’empreinte SHA-256 permet de vérifier que le fichier est arrivé intact\u00a0: celle du fichier enregistré doit être identique.',
    askHere: 'demandez un nouveau lien',
    askSender: 'demandez-en un nouveau à la personne qui vous a donné ce lien',
  },
  collection: {
    footer:
      'Chaque fichier se télécharge une seule fois. Ces pages ne déposent aucun cookie de suivi, ne chargent rien d’ailleurs et ne demandent jamais de mot de passe.',
    title: 'Vos fichiers sont prêts',
    lead: 'Chaque fichier a son propre bouton. Cliquez dessus depuis l’appareil où vous voulez l’enregistrer.',
    over: {
      title: 'Il ne reste rien à télécharger',
      lead: 'Cette page indique ce qu’est devenu chaque fichier. S’il vous en manque un, adressez-vous à la personne qui vous a donné ce lien.',
    },
    submit: 'Télécharger',
    progress: {
      button: 'Préparation du téléchargement…',
      status: 'Un instant, s’il vous plaît\u00a0: nous allons chercher votre fichier.',
      started:
        'Le téléchargement devrait avoir commencé\u00a0: vous le trouverez dans votre navigateur. Cette page reste pour les autres fichiers.',
    },
    redeemed: (when) => html`Téléchargé le ${when}.`,
    revoked: (when) => html`Retiré le ${when}.`,
    gone: 'Plus disponible.',
    linkWorksUntil: (until) => html`Le lien est valable jusqu’au ${until}.`,
    once: 'Chaque fichier peut être téléchargé une seule fois. L’ouverture de cette page n’en utilise aucun\u202f; un clic sur son bouton, si.',
    starts: 'Le téléchargement commence aussitôt, et cette page reste là.',
    left: (address) => html`<a href="${address}">Rechargez la page</a> pour voir les fichiers qui restent.`,
    checksum:
      'La valeur SHA-256 vous permet de vérifier qu’un fichier est arrivé intact\u00a0: celle du fichier enregistré est la même.',
    mail: {
      link: {
        subject: (files) => `Votre lien de téléchargement\u00a0: ${files} fichiers`,
        heading: 'Voici le lien vers vos fichiers',
      },
      reminder: {
        subject: (files) => `Rappel, votre lien de téléchargement\u00a0: ${files} fichiers`,
        heading: 'Vos fichiers vous attendent toujours',
      },
      files: 'Fichiers',
      press:
        'Ouvrez le lien. Sa page a un bouton pour chaque fichier, et chaque fichier peut être téléchargé une seule fois.',
      keepPrivate:
        'Toute personne qui a cet e-mail peut télécharger les fichiers. Merci de ne pas le transférer.',
    },
  },
  presence: {
    yours: 'Votre code',
    keep: 'La page de votre lien demande ce code, qui ne figure pas dans l’e-mail. Gardez cette page ouverte ou notez le code.',
    again: 'Si vous refaites une demande, vous recevez un autre lien avec un autre code.',
    field: 'Code',
    shown: 'Les six chiffres que vous avez vus lors de votre demande.',
    told: 'Les six chiffres que vous a communiqués la personne qui vous a envoyé le lien.',
    missing: 'Veuillez saisir le code.',
    malformed: 'Le code comporte six chiffres, par exemple 012 345.',
    wrong: (attemptsLeft) =>
      `Ce n’est pas le code de ce lien. Il vous reste ${attemptsLeft === 1 ? 'un essai' : `${attemptsLeft} essais`}, puis le lien ne fonctionnera plus.`,
    mail: 'La page demande aussi un code à six chiffres. Il vous a été affiché lorsque vous avez demandé le lien, ou l’expéditeur vous le communique.',
  },
  reported: {
    title: 'Merci de nous avoir prévenus',
    lead: 'Votre signalement est enregistré à l’intention du propriétaire du fichier, avec l’heure du téléchargement. Plus personne ne peut utiliser ce lien.',
    whatNow: 'Ce que vous pouvez faire maintenant',
    advice: [
      'Demandez-vous qui d’autre peut lire vos e-mails\u00a0: une boîte partagée, une règle de transfert, une personne qui vous remplace.',
      'Si personne ne devrait y avoir accès, changez le mot de passe de votre messagerie.',
      'Conservez l’e-mail qui contient le lien\u00a0: il aidera à comprendre ce qui s’est passé.',
    ],
    newLink: 'Demander un nouveau lien',
  },
  mail: {
    link: {
      subject: (fileName) => `Votre lien de téléchargement\u00a0: ${fileName}`,
      heading: 'Voici le lien vers votre fichier',
    },
    reminder: {
      subject: (fileName) => `Rappel, votre lien de téléchargement\u00a0: ${fileName}`,
      heading: 'Votre fichier vous attend toujours',
    },
    hello: 'Bonjour',
    message: 'Message de l’expéditeur',
    press: 'Ouvrez le lien et appuyez sur le bouton de la page. Le lien ne fonctionne qu’une fois.',
    open: 'Ouvrir la page de téléchargement',
    address: 'Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur\u00a0:',
    lives: (lifetime, until) => `Il reste valable ${lifetime}, jusqu’au ${until}.`,
    keepPrivate:
      'Toute personne qui détient cet e-mail peut télécharger le fichier. Merci de ne pas le transférer.',
    unasked:
      'Si vous n’avez rien demandé, ignorez cet e-mail\u00a0: le lien cessera de fonctionner de lui-même.',
    unexpected:
      'Une personne qui propose des fichiers ici vous a envoyé ce lien. Si vous ne savez pas de quoi il s’agit, ne l’ouvrez pas.',
  },
  notice: {
    subject: (fileName) => `Votre lien a été utilisé\u00a0: ${fileName}`,
    heading: 'Un lien que vous avez émis a été utilisé',
    lead: 'Vous aviez demandé à en être informé. Le lien ne fonctionne plus.',
    redeemed: 'Utilisé',
    link: 'Lien',
    unexpected: 'Si vous ne vous y attendiez pas, parlez-en à la personne à qui vous avez donné le lien.',
  },
  problems: frenchProblems,
};
