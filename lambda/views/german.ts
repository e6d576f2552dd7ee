import { germanProblems } from './german-problems.ts';
import { html } from './html.ts';
import type { Messages } from './messages.ts';

/** German catalog, in the formal form of address. */
export const german: Messages = {
  lang: 'de',
  locale: 'de-DE',
  product: 'Einmal-Download',
  footer:
    'Jeder Link öffnet eine Datei, und das genau einmal. Diese Seiten setzen keine Tracking-Cookies, laden nichts von anderen Servern und fragen nie nach einem Passwort.',
  colon: ':',
  moment: (day, time) => `${day} um ${time} Uhr (UTC)`,
  contact: { support: 'Fragen? Schreiben Sie an', imprint: 'Impressum' },
  progress: {
    send: { button: 'Wird gesendet …', status: 'Einen Moment bitte: Ihre Anfrage ist unterwegs.' },
    download: {
      button: 'Download wird vorbereitet …',
      status: 'Einen Moment bitte: Ihre Datei wird geholt.',
      started:
        'Der Download sollte jetzt laufen: Sie finden ihn in Ihrem Browser. Sobald er abgeschlossen ist, können Sie diese Seite schließen.',
    },
  },
  kinds: {
    pdf: 'PDF-Dokument',
    'text-document': 'Textdokument',
    spreadsheet: 'Tabelle',
    presentation: 'Präsentation',
    ebook: 'E-Book',
    'plain-text': 'Einfacher Text',
    'web-page': 'Webseite',
    calendar: 'Kalendereintrag',
    archive: 'Komprimiertes Archiv',
    program: 'Programm',
    data: 'Datensatz',
    image: 'Bild',
    audio: 'Tonaufnahme',
    video: 'Video',
    font: 'Schriftart',
  },
  file: {
    name: 'Datei',
    kind: 'Typ',
    size: 'Größe',
    checksum: 'SHA-256',
    contents: 'Enthält',
    linkWorksUntil: 'Link gültig bis',
    left: (until, left) => html`${until} <span>(noch ${left})</span>`,
  },
  request: {
    title: 'Ihre Datei per E-Mail',
    lead: (lifetime) =>
      `Geben Sie Ihre E-Mail-Adresse ein, und wir senden Ihnen einen Link zur Datei. Der Link funktioniert einmal und ist ${lifetime} gültig.`,
    email: 'Ihre E-Mail-Adresse',
    asset: 'Name der Datei',
    assetHint: 'Genau so, wie er Ihnen genannt wurde, zum Beispiel bericht.pdf',
    submit: 'Link zusenden',
    privacy: 'Wer die Datei bereitstellt, kann sehen, wer sie angefordert hat.',
    limits: ({ cooldown, addressPerHour, sourcePerHour }) =>
      `Zum Schutz der Postfächer senden wir pro Datei und Adresse höchstens eine E-Mail ${
        cooldown === undefined ? 'pro Minute' : `je ${cooldown}`
      } und ${addressPerHour} pro Stunde. Aus einem Netzwerk nehmen wir höchstens ${sourcePerHour} Anfragen pro Stunde an.`,
  },
  proof: {
    button: 'Wird geprüft …',
    status:
      'Einen Moment, bitte: Ihr Browser löst eine kleine Rechenaufgabe, die Massenanfragen fernhält. Das dauert einige Sekunden, auf einem Telefon bis zu einer halben Minute.',
    withoutScripts: (requests) =>
      `Ohne JavaScript nehmen wir aus Ihrem Netz höchstens ${requests} Anfragen pro Stunde an.`,
  },
  checkInbox: {
    title: 'Sehen Sie in Ihr Postfach',
    lead: 'Wenn Ihre Adresse die Datei erhalten darf, ist eine E-Mail mit dem Link zu Ihnen unterwegs.',
    lifetime: (lifetime) => `Der Link funktioniert einmal und ist ${lifetime} gültig.`,
    nothingThere: 'Nichts angekommen?',
    hints: (askAgainAfter) => [
      'Sehen Sie im Ordner für Spam oder Werbung nach.',
      'Prüfen Sie, ob Sie sich bei der Adresse vertippt haben.',
      `In ${askAgainAfter ?? 'einer Minute'} können Sie es noch einmal versuchen.`,
    ],
    askAgain: 'Noch einmal anfordern',
    sameForAll:
      'Diese Seite ist für jede Adresse gleich, damit niemand herausfindet, wer welche Datei erhalten darf.',
  },
  confirm: {
    title: 'Ihre Datei liegt bereit',
    lead: 'Klicken Sie auf dem Gerät, auf dem Sie die Datei haben möchten, auf die Schaltfläche.',
    submit: 'Datei herunterladen',
    goodToKnow: 'Gut zu wissen',
    once: 'Der Link funktioniert einmal. Mit dem Öffnen dieser Seite ist er noch nicht verbraucht, mit dem Klick auf die Schaltfläche schon.',
    starts: 'Der Download beginnt sofort, und diese Seite bleibt stehen.',
    breaksOff: (startWithin, newLink) =>
      html`Der Download muss innerhalb von ${startWithin} beginnen und lässt sich nicht fortsetzen. Falls er abbricht, ${newLink}.`,
    breaksOffStream: (newLink) =>
      html`Der Download lässt sich nicht fortsetzen. Wenn er abbricht, ${newLink}.`,
    breaksOffAgain: (duration, newLink) =>
      html`Wenn der Download abbricht, öffnen Sie diese Seite in diesem Browser noch einmal. ${duration} lang bekommen Sie die Datei hier erneut, bis zu dreimal; Ihr Browser bewahrt dafür ein Cookie auf. Danach ${newLink}.`,
    stamped:
      'Jede Seite Ihres Exemplars zeigt, für wen es ist, wann es entstanden ist und die Nummer Ihres Links.',
    checksum:
      'Mit dem SHA-256-Wert können Sie prüfen, ob die Datei unverändert angekommen ist: Die gespeicherte Datei ergibt denselben Wert.',
    askHere: 'fordern Sie einen neuen Link an',
    askSender: 'bitten Sie darum, dass man Ihnen einen neuen Link gibt',
  },
  collection: {
    footer:
      'Jede Datei lässt sich genau einmal herunterladen. Diese Seiten setzen keine Tracking-Cookies, laden nichts von anderen Servern und fragen nie nach einem Passwort.',
    title: 'Ihre Dateien liegen bereit',
    lead: 'Jede Datei hat ihre eigene Schaltfläche. Klicken Sie darauf, wenn Sie an dem Gerät sind, auf dem Sie die Datei haben möchten.',
    over: {
      title: 'Hier ist nichts mehr herunterzuladen',
      lead: 'Diese Seite zeigt, was aus jeder Datei geworden ist. Wenn Ihnen eine fehlt, wenden Sie sich an die Person, von der Sie den Link haben.',
    },
    submit: 'Herunterladen',
    progress: {
      button: 'Download wird vorbereitet …',
      status: 'Einen Moment bitte: Ihre Datei wird geholt.',
      started:
        'Der Download sollte jetzt laufen: Sie finden ihn in Ihrem Browser. Diese Seite bleibt für die übrigen Dateien stehen.',
    },
    redeemed: (when) => html`Heruntergeladen am ${when}.`,
    revoked: (when) => html`Zurückgezogen am ${when}.`,
    gone: 'Nicht mehr verfügbar.',
    linkWorksUntil: (until) => html`Der Link ist gültig bis ${until}.`,
    once: 'Jede Datei lässt sich einmal herunterladen. Mit dem Öffnen dieser Seite ist noch keine verbraucht, mit dem Klick auf ihre Schaltfläche schon.',
    starts: 'Ein Download beginnt sofort, und diese Seite bleibt stehen.',
    left: (address) =>
      html`<a href="${address}">Laden Sie die Seite neu</a>, um zu sehen, welche Dateien noch übrig sind.`,
    checksum:
      'Mit dem SHA-256-Wert können Sie prüfen, ob eine Datei unverändert angekommen ist: Die gespeicherte Datei ergibt denselben Wert.',
    mail: {
      link: {
        subject: (files) => `Ihr Download-Link: ${files} Dateien`,
        heading: 'Hier ist der Link zu Ihren Dateien',
      },
      reminder: {
        subject: (files) => `Erinnerung, Ihr Download-Link: ${files} Dateien`,
        heading: 'Ihre Dateien liegen noch für Sie bereit',
      },
      files: 'Dateien',
      press:
        'Öffnen Sie den Link. Seine Seite hat für jede Datei eine Schaltfläche, und jede Datei lässt sich einmal herunterladen.',
      keepPrivate: 'Wer diese E-Mail hat, kann die Dateien herunterladen. Bitte leiten Sie sie nicht weiter.',
    },
  },
  presence: {
    yours: 'Ihr Code',
    keep: 'Die Seite Ihres Links fragt nach diesem Code, der nicht in der E-Mail steht. Lassen Sie diese Seite offen oder notieren Sie den Code.',
    again: 'Wenn Sie noch einmal anfordern, bekommen Sie einen anderen Link mit einem anderen Code.',
    field: 'Code',
    shown: 'Die sechs Ziffern, die Sie beim Anfordern des Links gesehen haben.',
    told: 'Die sechs Ziffern, die Ihnen mitgeteilt hat, wer Ihnen den Link gesendet hat.',
    missing: 'Bitte geben Sie den Code ein.',
    malformed: 'Der Code hat sechs Ziffern, zum Beispiel 012 345.',
    wrong: (attemptsLeft) =>
      `Das ist nicht der Code dieses Links. Sie können es noch ${attemptsLeft === 1 ? 'einmal' : `${attemptsLeft}-mal`} versuchen, danach funktioniert der Link nicht mehr.`,
    mail: 'Die Seite fragt auch nach einem Code aus sechs Ziffern. Er wurde Ihnen angezeigt, als Sie den Link angefordert haben, oder der Absender teilt ihn Ihnen mit.',
  },
  reported: {
    title: 'Danke für den Hinweis',
    lead: 'Ihre Meldung ist zusammen mit dem Zeitpunkt des Downloads festgehalten. Niemand kann diesen Link noch einmal verwenden.',
    whatNow: 'Was Sie jetzt tun können',
    advice: [
      'Überlegen Sie, wer Ihre E-Mails noch lesen kann: ein gemeinsames Postfach, eine Weiterleitung, eine Vertretung.',
      'Wenn das niemand können sollte, ändern Sie das Passwort Ihres Postfachs.',
      'Heben Sie die E-Mail mit dem Link auf: Sie hilft zu klären, was geschehen ist.',
    ],
    newLink: 'Neuen Link anfordern',
  },
  mail: {
    link: {
      subject: (fileName) => `Ihr Download-Link: ${fileName}`,
      heading: 'Hier ist der Link zu Ihrer Datei',
    },
    reminder: {
      subject: (fileName) => `Erinnerung, Ihr Download-Link: ${fileName}`,
      heading: 'Ihre Datei liegt noch für Sie bereit',
    },
    hello: 'Guten Tag',
    message: 'Nachricht des Absenders',
    press:
      'Öffnen Sie den Link und klicken Sie auf der Seite auf die Schaltfläche. Der Link funktioniert einmal.',
    open: 'Download-Seite öffnen',
    address: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
    lives: (lifetime, until) => `Er ist ${lifetime} gültig, bis zum ${until}.`,
    keepPrivate: 'Wer diese E-Mail hat, kann die Datei herunterladen. Bitte leiten Sie sie nicht weiter.',
    unasked:
      'Falls Sie das nicht angefordert haben, ignorieren Sie diese E-Mail: Der Link wird von selbst ungültig.',
    unexpected:
      'Jemand, der hier Dateien bereitstellt, hat Ihnen diesen Link gesendet. Wenn Sie nicht wissen, worum es geht, öffnen Sie ihn nicht.',
  },
  notice: {
    subject: (fileName) => `Ihr Link wurde eingelöst: ${fileName}`,
    heading: 'Ein Link, den Sie ausgestellt haben, wurde eingelöst',
    lead: 'Sie wollten davon erfahren. Der Link funktioniert nicht mehr.',
    redeemed: 'Eingelöst',
    link: 'Link',
    unexpected:
      'Falls Sie das nicht erwartet haben, sprechen Sie mit der Person, der Sie den Link gegeben haben.',
  },
  problems: germanProblems,
};
