import { html } from './html.ts';
import type { ProblemMessages } from './messages.ts';

const START_AGAIN = 'Bitte beginnen Sie noch einmal mit dem Formular.';

const UNREADABLE = {
  title: 'Diese Anfrage konnten wir nicht lesen',
  paragraphs: ['Etwas darin fehlte oder hatte nicht die erwartete Form.', START_AGAIN],
};

export const germanProblems: ProblemMessages = {
  fixed: {
    invalid_token: {
      title: 'Dieser Link ist nicht vollständig',
      paragraphs: [
        'Ein Teil davon fehlt oder wurde unterwegs verändert, deshalb öffnet er keine Datei.',
        'Bitte gehen Sie zurück zur E-Mail und verwenden Sie die Schaltfläche darin, oder kopieren Sie die ganze Adresse. Wenn das nicht hilft, fordern Sie einen neuen Link an.',
      ],
    },
    disposable_address: {
      title: 'Bitte verwenden Sie eine dauerhafte Adresse',
      paragraphs: [
        'Diese Adresse gehört zu einem Dienst für Wegwerf-Postfächer, und an solche werden keine Dateien gesendet.',
        'Bitte gehen Sie zurück und geben Sie eine eigene Adresse ein, beruflich oder privat.',
      ],
    },
    token_unknown: {
      title: 'Dieser Link funktioniert nicht mehr',
      paragraphs: [
        'Es ist nichts verzeichnet, was er öffnen könnte.',
        'Wenn Sie die Datei noch brauchen, fordern Sie einen neuen Link an.',
      ],
    },
    not_allowed_from_here: {
      title: 'Von hier aus funktioniert dieser Link nicht',
      paragraphs: [
        'Wer ihn Ihnen gegeben hat, lässt ihn nur aus bestimmten Netzwerken zu, etwa aus einem Büro oder dessen VPN. Er ist nicht verbraucht.',
        'Bitte öffnen Sie ihn dort noch einmal, oder fragen Sie die Person, die ihn Ihnen gegeben hat.',
      ],
    },
    prefetch_refused: {
      title: 'Bitte öffnen Sie den Link selbst',
      paragraphs: [
        'Ihr Browser wollte diese Seite laden, bevor Sie sie angefordert haben. Es wurde nichts verbraucht.',
        'Bitte öffnen Sie den Link aus Ihrer E-Mail noch einmal.',
      ],
    },
    cross_site_refused: {
      title: 'Bitte verwenden Sie unser eigenes Formular',
      paragraphs: [
        'Diese Anfrage kam von einer Seite einer anderen Website, und wir nehmen sie nur von unseren eigenen Seiten an. Es wurde keine E-Mail gesendet und nichts verbraucht.',
        'Bitte gehen Sie zum Formular und stellen Sie die Anfrage dort. Wenn Sie einen Link aus einer E-Mail haben, öffnen Sie ihn noch einmal.',
      ],
    },
    proof_refused: {
      title: 'Bitte senden Sie das Formular noch einmal',
      paragraphs: [
        'Die Rechenaufgabe, die Ihr Browser für diese Anfrage gelöst hat, zählt nicht mehr: Sie war zu alt oder wurde schon verwendet. Es wurde keine E-Mail verschickt.',
        'Bitte gehen Sie zurück zum Formular und senden Sie es noch einmal.',
      ],
    },
    asset_not_found: {
      title: 'Eine Datei mit diesem Namen gibt es nicht',
      paragraphs: [
        'Bitte prüfen Sie den Namen mit Groß- und Kleinschreibung und Endung (zum Beispiel .pdf), oder rufen Sie die Adresse, die man Ihnen gegeben hat, noch einmal auf.',
      ],
    },
    asset_missing: {
      title: 'Die Datei ist nicht mehr da',
      paragraphs: [
        'Sie wurde entfernt oder umbenannt, nachdem Ihr Link erstellt worden war. Ihr Link ist nicht verbraucht: Kommt die Datei rechtzeitig zurück, funktioniert er noch.',
        'Bitte wenden Sie sich an die Person, die Ihnen die Datei angeboten hat.',
      ],
    },
    asset_changed: {
      title: 'Die Datei wurde ersetzt',
      paragraphs: [
        'Ihr Link gilt für eine frühere Fassung und öffnet die neue nicht. Er ist nicht verbraucht.',
        'Bitte lassen Sie sich dort, wo Sie den Link bekommen haben, einen neuen geben.',
      ],
    },
    not_found: {
      title: 'Unter dieser Adresse gibt es nichts',
      paragraphs: [
        'Bitte prüfen Sie die Adresse auf Tippfehler. Wenn sie per E-Mail kam, gehen Sie zurück zur E-Mail und verwenden Sie die Schaltfläche darin.',
      ],
    },
    payload_too_large: {
      title: 'Das war zu viel',
      paragraphs: [
        'Die Anfrage war größer, als wir annehmen. Wir brauchen nur eine E-Mail-Adresse und den Namen einer Datei.',
        START_AGAIN,
      ],
    },
    unsupported_media_type: {
      title: UNREADABLE.title,
      paragraphs: ['Sie wurde in einem Format gesendet, das wir nicht kennen.', START_AGAIN],
    },
    use_proxy: {
      title: 'Dieser Link funktioniert unter unserer eigenen Adresse',
      paragraphs: [
        'Er wurde unter einer Adresse geöffnet, von der die Datei nicht gesendet werden kann. Der Link ist nicht verbraucht.',
        'Bitte öffnen Sie ihn mit dem Knopf unten noch einmal.',
      ],
    },
    range_refused: {
      title: 'Diesen Download gibt es nur im Ganzen',
      paragraphs: [
        'Ihr Programm hat einen Teil der Datei verlangt. Der Link ist nicht verbraucht.',
        'Bitte laden Sie die Datei von Anfang an herunter, ohne Fortsetzen.',
      ],
    },
    internal_error: {
      title: 'Bei uns ist etwas schiefgegangen',
      paragraphs: [
        'Es lag nicht an Ihnen, und es ist festgehalten, damit es behoben werden kann.',
        'Bitte versuchen Sie es in einigen Minuten noch einmal. Wenn es wieder geschieht, sagen Sie der Person Bescheid, die Ihnen die Datei angeboten hat.',
      ],
    },
  },
  invalidRequest: {
    email: {
      title: 'Das ist keine E-Mail-Adresse',
      paragraphs: [
        'Bitte gehen Sie zurück und geben Sie eine einzelne, vollständige Adresse ein, zum Beispiel name@example.org.',
      ],
    },
    asset: {
      title: 'Das ist kein Dateiname',
      paragraphs: [
        'Bitte gehen Sie zurück und geben Sie den Namen genau so ein, wie er Ihnen genannt wurde, zum Beispiel bericht.pdf.',
      ],
    },
    other: UNREADABLE,
  },
  redeemed: (when) => ({
    title: 'Dieser Link wurde schon verwendet',
    paragraphs: [html`Heruntergeladen am ${when}. Jeder Link funktioniert einmal.`],
  }),
  revoked: (when) => ({
    title: 'Dieser Link wurde zurückgezogen',
    paragraphs: [
      html`Er wurde am ${when} zurückgezogen und öffnet die Datei nicht mehr.`,
      'Wenn Sie die Datei noch brauchen, sprechen Sie mit der Person, die sie Ihnen angeboten hat, oder fordern Sie einen neuen Link an.',
    ],
  }),
  wrongCodes: (when) => ({
    title: 'Dieser Link ist beendet',
    paragraphs: [
      html`Fünfmal wurde ein falscher Code eingegeben, zuletzt am ${when}. Zur Sicherheit öffnet der Link die Datei nicht mehr.`,
      'Wenn Sie die Datei noch brauchen, fordern Sie einen neuen Link an.',
    ],
  }),
  expired: (when) => ({
    title: 'Dieser Link ist abgelaufen',
    paragraphs: [html`Er war bis zum ${when} gültig.`],
  }),
  quotaExceeded: (wait) => ({
    title: 'Zu viele Anfragen',
    paragraphs: [
      'Aus Ihrem Netzwerk kamen mehr Anfragen, als wir in einer Stunde annehmen. Andere Personen im selben Netzwerk zählen mit.',
      html`Bitte versuchen Sie es in <strong>${wait}</strong> noch einmal.`,
    ],
  }),
  unavailable: (wait) => ({
    title: 'Zurzeit nicht verfügbar',
    paragraphs: [
      'Die Störung liegt bei uns.',
      html`Bitte versuchen Sie es in <strong>${wait}</strong> noch einmal.`,
    ],
  }),
  proofRequired: (wait) => ({
    title: 'Im Moment ist JavaScript nötig',
    paragraphs: [
      'Aus Ihrem Netz kamen viele Anfragen. Im Moment soll Ihr Browser zuerst eine kleine Rechenaufgabe lösen, wofür er JavaScript braucht. Es wurde keine E-Mail verschickt.',
      html`Bitte schalten Sie JavaScript ein und senden Sie das Formular noch einmal, oder warten Sie <strong>${wait}</strong>.`,
    ],
  }),
  renew: {
    lead: 'Wir können einen neuen Link an die Adresse senden, an die schon dieser ging.',
    submit: 'Neuen Link zusenden',
  },
  askSender:
    'Wenn Sie die Datei noch brauchen, lassen Sie sich dort, wo Sie den Link bekommen haben, einen neuen geben.',
  again: {
    question: 'Ist der Download abgebrochen?',
    lead: (until) =>
      html`Wenn Sie die Datei in diesem Browser heruntergeladen haben, bekommen Sie sie bis zum ${until} noch einmal.`,
    resumes: 'Bis dahin können Sie den neuen Download auch fortsetzen, falls er wieder abbricht.',
    submit: 'Datei noch einmal herunterladen',
  },
  report: {
    question: 'Waren Sie das nicht?',
    lead: 'Wenn Sie die Datei nicht heruntergeladen haben, hat es jemand anderes mit Ihrem Link getan. Wer die Datei bereitstellt, sollte das wissen.',
    submit: 'Anbieter informieren',
  },
  newLink: 'Neuen Link anfordern',
  toForm: 'Zum Formular',
  tryAgain: 'Noch einmal versuchen',
};
