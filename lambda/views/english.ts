import { englishProblems } from './english-problems.ts';
import { html } from './html.ts';
import type { Messages } from './messages.ts';

/** English catalog. Dates begin with the day. */
export const english: Messages = {
  lang: 'en',
  locale: 'en-GB',
  product: 'One-time download',
  footer:
    'Every link opens one file, once. These pages set no tracking cookies, load nothing from elsewhere, and never ask for a password.',
  colon: ':',
  moment: (day, time) => `${day}, ${time} UTC`,
  contact: { support: 'Questions? Write to', imprint: 'Legal notice' },
  progress: {
    send: { button: 'Sending…', status: 'One moment, please: your request is on its way.' },
    download: {
      button: 'Preparing the download…',
      status: 'One moment, please: your file is being fetched.',
      started:
        'The download should have started: look for it in your browser. When it is complete, you can close this page.',
    },
  },
  kinds: {
    pdf: 'PDF document',
    'text-document': 'Text document',
    spreadsheet: 'Spreadsheet',
    presentation: 'Presentation',
    ebook: 'E-book',
    'plain-text': 'Plain text',
    'web-page': 'Web page',
    calendar: 'Calendar entry',
    archive: 'Compressed archive',
    program: 'Program',
    data: 'Data file',
    image: 'Image',
    audio: 'Audio recording',
    video: 'Video',
    font: 'Font',
  },
  file: {
    name: 'File',
    kind: 'Type',
    size: 'Size',
    checksum: 'SHA-256',
    contents: 'Contains',
    linkWorksUntil: 'Link works until',
    left: (until, left) => html`${until} <span>(${left} left)</span>`,
  },
  request: {
    title: 'Get your file by e-mail',
    lead: (lifetime) =>
      `Enter your e-mail address, and we will send you a link to the file. The link works once, within ${lifetime}.`,
    email: 'Your e-mail address',
    asset: 'Name of the file',
    assetHint: 'Exactly as it was given to you, for example report.pdf',
    submit: 'E-mail me the link',
    privacy: 'The owner of the file can see who asked for it.',
    limits: ({ cooldown, addressPerHour, sourcePerHour }) =>
      `To keep mailboxes safe, we send at most one e-mail ${
        cooldown === undefined ? 'a minute' : `every ${cooldown}`
      } and ${addressPerHour} an hour for each file and address, and accept at most ${sourcePerHour} requests an hour from one network.`,
  },
  proof: {
    button: 'Checking…',
    status:
      'One moment, please: your browser is solving a small puzzle, to keep out floods of requests. It takes a few seconds, or up to half a minute on a phone.',
    withoutScripts: (requests) =>
      `Without JavaScript, we accept at most ${requests} requests an hour from your network.`,
  },
  checkInbox: {
    title: 'Check your inbox',
    lead: 'If your address may receive the file, an e-mail with the link is on its way to you.',
    lifetime: (lifetime) => `The link works once, within ${lifetime}.`,
    nothingThere: 'Nothing there?',
    hints: (askAgainAfter) => [
      'Look in your spam or junk mail folder.',
      'Make sure that you entered your address correctly.',
      `You can ask again in ${askAgainAfter ?? 'a minute'}.`,
    ],
    askAgain: 'Ask again',
    sameForAll:
      'This page is the same for every address, so that nobody can find out who may have which file.',
  },
  confirm: {
    title: 'Your file is ready',
    lead: 'Press the button when you are on the device where you want the file.',
    submit: 'Download the file',
    goodToKnow: 'Good to know',
    once: 'The link works once. Opening this page did not use it up; pressing the button does.',
    starts: 'The download starts at once, and this page stays as it is.',
    breaksOff: (startWithin, newLink) =>
      html`The download has ${startWithin} to start and cannot be resumed. If it is interrupted, ${newLink}.`,
    breaksOffStream: (newLink) => html`The download cannot be resumed. If it is interrupted, ${newLink}.`,
    breaksOffAgain: (duration, newLink) =>
      html`If the download is interrupted, open this page again in this browser. For ${duration}, you can get the file again here, up to three times; your browser keeps a cookie for that. After that, ${newLink}.`,
    stamped: 'Each page of your copy shows whom it is for, when it was made, and the number of your link.',
    checksum:
      'The SHA-256 above lets you check that the file arrived unchanged: it should match that of the file that you saved.',
    askHere: 'ask for a new link',
    askSender: 'ask whoever gave you this link for a new one',
  },
  collection: {
    footer:
      'Every file can be downloaded once. These pages set no tracking cookies, load nothing from elsewhere, and never ask for a password.',
    title: 'Your files are ready',
    lead: 'Each file has a button of its own. Press it when you are on the device where you want the file.',
    over: {
      title: 'Nothing is left to download',
      lead: 'This page shows what happened to each file. If a file is missing, ask whoever gave you this link.',
    },
    submit: 'Download',
    progress: {
      button: 'Preparing the download…',
      status: 'One moment, please: your file is being fetched.',
      started:
        'The download should have started: look for it in your browser. This page stays open for the other files.',
    },
    redeemed: (when) => html`Downloaded on ${when}.`,
    revoked: (when) => html`Withdrawn on ${when}.`,
    gone: 'No longer available.',
    linkWorksUntil: (until) => html`The link works until ${until}.`,
    once: 'Each file can be downloaded once. Opening this page did not use any of them up; pressing a button does.',
    starts: 'A download starts at once, and this page stays as it is.',
    left: (address) => html`<a href="${address}">Load the page again</a> to see which files are left.`,
    checksum:
      'The SHA-256 lets you check that a file arrived unchanged: it should match that of the file that you saved.',
    mail: {
      link: {
        subject: (files) => `Your download link: ${files} files`,
        heading: 'Here is the link to your files',
      },
      reminder: {
        subject: (files) => `Reminder of your download link: ${files} files`,
        heading: 'Your files are still here for you',
      },
      files: 'Files',
      press: 'Each file has its own button and can be downloaded once. To see the files, open the link.',
      keepPrivate: 'Whoever has this e-mail can download the files. Please do not forward it.',
    },
  },
  presence: {
    yours: 'Your code',
    keep: 'The page that your link opens asks for this code, which is not in the e-mail. Keep this page open, or write the code down.',
    again: 'If you ask again, you get another link with another code.',
    field: 'Code',
    shown: 'The six digits that you saw when you asked for the link.',
    told: 'The six digits that you were given by whoever sent you the link.',
    missing: 'Please enter the code.',
    malformed: 'The code has six digits, such as 012 345.',
    wrong: (attemptsLeft) =>
      `That is not the code for this link. You can try ${attemptsLeft === 1 ? 'once more' : `${attemptsLeft} more times`} before the link stops working.`,
    mail: 'The page also asks for a six-digit code. You saw it when you asked for the link, or the sender will give it to you.',
  },
  reported: {
    title: 'Thank you for telling us',
    lead: 'Your report is on record for the owner of the file, with the time of the download. Nobody can use that link again.',
    whatNow: 'What you can do now',
    advice: [
      'Think about who else can read your e-mail: a shared mailbox, a forwarding rule, a colleague standing in for you.',
      'If nobody else should be able to read it, change the password of your mailbox.',
      'Keep the e-mail with the link: it helps the owner find out what happened.',
    ],
    newLink: 'Ask for a new link',
  },
  mail: {
    link: {
      subject: (fileName) => `Your download link: ${fileName}`,
      heading: 'Here is the link to your file',
    },
    reminder: {
      subject: (fileName) => `Reminder of your download link: ${fileName}`,
      heading: 'Your file is still here for you',
    },
    hello: 'Hello',
    message: 'Message from the sender',
    press: 'Open the link and press the button on the page. The link works once.',
    open: 'Open the download page',
    address: 'If the button does not work, copy this address into your browser:',
    lives: (lifetime, until) => `It works for ${lifetime}, until ${until}.`,
    keepPrivate: 'Whoever has this e-mail can download the file. Please do not forward it.',
    unasked: 'If you did not ask for this, ignore it: the link stops working by itself.',
    unexpected:
      'Somebody who offers files here has sent you this link. If you do not know what it is about, do not open it.',
  },
  notice: {
    subject: (fileName) => `Your link was redeemed: ${fileName}`,
    heading: 'A link that you issued was redeemed',
    lead: 'You asked to be told. The link no longer works.',
    redeemed: 'Redeemed',
    link: 'Link',
    unexpected: 'If you did not expect this, talk to whoever you gave the link to.',
  },
  problems: englishProblems,
};
