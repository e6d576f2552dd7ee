import { html } from './html.ts';
import type { ProblemMessages } from './messages.ts';

const UNREADABLE = {
  title: 'We could not read that request',
  paragraphs: [
    'Something in it was missing or was not in the format we expect.',
    'Please go back to the form and start over.',
  ],
};

export const englishProblems: ProblemMessages = {
  fixed: {
    invalid_token: {
      title: 'This link is incomplete',
      paragraphs: [
        'Part of it is missing or was changed on the way, so it cannot open a file.',
        'Please go back to the e-mail and use the button in it, or copy the whole address. If that does not help, ask for a new link.',
      ],
    },
    disposable_address: {
      title: 'Please use a permanent e-mail address',
      paragraphs: [
        'That address belongs to a disposable e-mail service, and we do not send files to such addresses.',
        'Please go back and enter an address of your own, for work or personal use.',
      ],
    },
    token_unknown: {
      title: 'This link no longer works',
      paragraphs: ['We have no record of it.', 'If you still need the file, ask for a new link.'],
    },
    not_allowed_from_here: {
      title: 'This link does not work from here',
      paragraphs: [
        'Whoever gave it to you allows it only from certain networks, such as an office network or VPN. The link was not used up.',
        'Please open it again from such a network, or contact whoever gave it to you.',
      ],
    },
    prefetch_refused: {
      title: 'Please open the link yourself',
      paragraphs: [
        'Your browser tried to load this page before you asked for it. Nothing was used up.',
        'Please open the link from your e-mail again.',
      ],
    },
    cross_site_refused: {
      title: 'Please use our own form',
      paragraphs: [
        'This request came from a page on another site, but we accept requests only from our own pages. No e-mail was sent, and nothing was used up.',
        'Please go to the form and request the file there. If you have a link from an e-mail, open it again.',
      ],
    },
    proof_refused: {
      title: 'Please send the form again',
      paragraphs: [
        'The puzzle that your browser solved for this request no longer counts: it is too old or has already been used. No e-mail was sent.',
        'Please go back to the form and send it once more.',
      ],
    },
    asset_not_found: {
      title: 'There is no file with that name',
      paragraphs: [
        'Please check the name, including its capital letters and its extension (such as .pdf), or go back to the address that you were given.',
      ],
    },
    asset_missing: {
      title: 'The file is no longer there',
      paragraphs: [
        'It was removed or renamed after your link was made. Your link was not used up: if the file comes back in time, the link will still work.',
        'Please contact the person who offered you the file.',
      ],
    },
    asset_changed: {
      title: 'The file has been replaced',
      paragraphs: [
        'Your link was made for an earlier version, so it does not open the new one. The link was not used up.',
        'Please ask whoever gave you the link for a new one.',
      ],
    },
    not_found: {
      title: 'There is nothing at this address',
      paragraphs: [
        'Please check the address for typing mistakes. If it came by e-mail, go back to the e-mail and use the button in it.',
      ],
    },
    payload_too_large: {
      title: 'That request was too large',
      paragraphs: [
        'The request was larger than we accept. An e-mail address and the name of a file are all we need.',
        'Please go back to the form and start over.',
      ],
    },
    unsupported_media_type: {
      title: UNREADABLE.title,
      paragraphs: [
        'It was sent in a format that we do not accept.',
        'Please go back to the form and start over.',
      ],
    },
    use_proxy: {
      title: 'This link works at our own address',
      paragraphs: [
        'It was opened at an address from which the file cannot be sent. The link was not used up.',
        'Please open it again with the button below.',
      ],
    },
    range_refused: {
      title: 'This download comes whole or not at all',
      paragraphs: [
        'Your program asked for only part of the file. The link was not used up.',
        'Please download it from the beginning, with resuming turned off.',
      ],
    },
    internal_error: {
      title: 'Something went wrong on our side',
      paragraphs: [
        'You did nothing wrong. The problem has been recorded so that it can be fixed.',
        'Please try again in a few minutes. If it happens again, tell the person who offered you the file.',
      ],
    },
  },
  invalidRequest: {
    email: {
      title: 'That is not an e-mail address',
      paragraphs: ['Please go back and enter one complete address, such as name@example.org.'],
    },
    asset: {
      title: 'That is not the name of a file',
      paragraphs: ['Please go back and enter the name exactly as it was given to you, such as report.pdf.'],
    },
    other: UNREADABLE,
  },
  redeemed: (when) => ({
    title: 'This link has been used',
    paragraphs: [html`Downloaded on ${when}. Every link works once.`],
  }),
  revoked: (when) => ({
    title: 'This link was withdrawn',
    paragraphs: [
      html`It was withdrawn on ${when} and no longer opens the file.`,
      'If you still need the file, talk to the person who offered it to you, or ask for a new link.',
    ],
  }),
  wrongCodes: (when) => ({
    title: 'This link has ended',
    paragraphs: [
      html`The wrong code was entered five times, most recently on ${when}. For safety, the link no longer opens the file.`,
      'If you still need the file, ask for a new link.',
    ],
  }),
  expired: (when) => ({
    title: 'This link has expired',
    paragraphs: [html`It worked until ${when}.`],
  }),
  quotaExceeded: (wait) => ({
    title: 'Too many requests',
    paragraphs: [
      'More requests came from your network than we accept in an hour. Requests from other people on the same network count as well.',
      html`Please try again in <strong>${wait}</strong>.`,
    ],
  }),
  unavailable: (wait) => ({
    title: 'Not available at the moment',
    paragraphs: ['The problem is on our side.', html`Please try again in <strong>${wait}</strong>.`],
  }),
  proofRequired: (wait) => ({
    title: 'JavaScript is needed for now',
    paragraphs: [
      'Many requests came from your network. For now, the form asks your browser to solve a small puzzle first, which requires JavaScript. No e-mail was sent.',
      html`Please turn on JavaScript and send the form again, or wait <strong>${wait}</strong>.`,
    ],
  }),
  renew: {
    lead: 'We can send a new link to the address that this one was sent to.',
    submit: 'Send me a new link',
  },
  askSender: 'If you still need the file, ask whoever gave you the link for a new one.',
  again: {
    question: 'Was the download interrupted?',
    lead: (until) =>
      html`If it was you who downloaded the file in this browser, you can get it again until ${until}.`,
    resumes: 'Until then, you can also resume the new download if it is interrupted.',
    submit: 'Get the file again',
  },
  report: {
    question: 'Not you?',
    lead: 'If you did not download the file, someone else did, using your link. The owner of the file should know.',
    submit: 'Tell the owner',
  },
  newLink: 'Ask for a new link',
  toForm: 'Go to the form',
  tryAgain: 'Try again',
};
