import { html } from './html.ts';
import type { ProblemMessages } from './messages.ts';

const START_AGAIN = 'Veuillez recommencer à partir du formulaire.';

const UNREADABLE = {
  title: 'Nous n’avons pas pu lire cette demande',
  paragraphs: ['Il y manquait un élément, ou elle n’avait pas la forme attendue.', START_AGAIN],
};

export const frenchProblems: ProblemMessages = {
  fixed: {
    invalid_token: {
      title: 'Ce lien est incomplet',
      paragraphs: [
        'Il en manque une partie, ou il a été modifié en chemin\u00a0: il ne peut donc ouvrir aucun fichier.',
        'Revenez à l’e-mail et utilisez le bouton qu’il contient, ou copiez l’adresse entière. Si cela ne suffit pas, demandez un nouveau lien.',
      ],
    },
    disposable_address: {
      title: 'Merci d’utiliser une adresse durable',
      paragraphs: [
        'Cette adresse appartient à un service de boîtes jetables, auxquelles aucun fichier n’est envoyé.',
        'Revenez en arrière et saisissez une adresse qui vous appartient, professionnelle ou personnelle.',
      ],
    },
    token_unknown: {
      title: 'Ce lien ne fonctionne plus',
      paragraphs: [
        'Rien de ce qu’il pourrait ouvrir n’est enregistré.',
        'Si vous avez encore besoin du fichier, demandez un nouveau lien.',
      ],
    },
    not_allowed_from_here: {
      title: 'Ce lien ne fonctionne pas d’ici',
      paragraphs: [
        'La personne qui vous l’a donné ne l’autorise que depuis certains réseaux, par exemple celui d’un bureau ou son VPN. Il n’a pas été utilisé.',
        'Ouvrez-le de nouveau depuis là-bas, ou adressez-vous à la personne qui vous l’a donné.',
      ],
    },
    prefetch_refused: {
      title: 'Merci d’ouvrir le lien vous-même',
      paragraphs: [
        'Votre navigateur a voulu charger cette page avant que vous ne la demandiez. Rien n’a été utilisé.',
        'Ouvrez de nouveau le lien depuis votre e-mail.',
      ],
    },
    cross_site_refused: {
      title: 'Merci d’utiliser notre propre formulaire',
      paragraphs: [
        'Cette demande vient d’une page d’un autre site, et nous ne l’acceptons que depuis nos propres pages. Aucun e-mail n’a été envoyé, et rien n’a été utilisé.',
        'Allez au formulaire et faites votre demande là. Si vous avez un lien reçu par e-mail, ouvrez-le de nouveau.',
      ],
    },
    proof_refused: {
      title: 'Merci d’envoyer le formulaire encore une fois',
      paragraphs: [
        'Le calcul que votre navigateur a résolu pour cette demande ne compte plus\u00a0: il était trop ancien ou avait déjà servi. Aucun e-mail n’a été envoyé.',
        'Merci de revenir au formulaire et de l’envoyer encore une fois.',
      ],
    },
    asset_not_found: {
      title: 'Aucun fichier ne porte ce nom',
      paragraphs: [
        'Vérifiez le nom, avec ses majuscules et son extension (par exemple .pdf), ou suivez de nouveau l’adresse qui vous a été donnée.',
      ],
    },
    asset_missing: {
      title: 'Le fichier n’est plus disponible',
      paragraphs: [
        'Il a été retiré ou renommé après la création de votre lien. Votre lien n’a pas été utilisé\u00a0: si le fichier revient à temps, il fonctionnera encore.',
        'Adressez-vous à la personne qui vous a proposé le fichier.',
      ],
    },
    asset_changed: {
      title: 'Le fichier a été remplacé',
      paragraphs: [
        'Votre lien a été créé pour une version antérieure et n’ouvre pas la nouvelle. Il n’a pas été utilisé.',
        'Demandez un nouveau lien à la personne qui vous a donné celui-ci.',
      ],
    },
    not_found: {
      title: 'Il n’y a rien à cette adresse',
      paragraphs: [
        'Vérifiez que l’adresse ne contient pas de faute de frappe. Si vous l’avez reçue par e-mail, revenez à l’e-mail et utilisez le bouton qu’il contient.',
      ],
    },
    payload_too_large: {
      title: 'C’était trop volumineux',
      paragraphs: [
        'La demande dépasse la taille que nous acceptons. Une adresse e-mail et le nom d’un fichier nous suffisent.',
        START_AGAIN,
      ],
    },
    unsupported_media_type: {
      title: UNREADABLE.title,
      paragraphs: ['Elle a été envoyée dans un format que nous ne connaissons pas.', START_AGAIN],
    },
    use_proxy: {
      title: 'Ce lien fonctionne à notre propre adresse',
      paragraphs: [
        'Il a été ouvert à une adresse depuis laquelle le fichier ne peut pas être envoyé. Le lien n’a pas été utilisé.',
        'Ouvrez-le de nouveau avec le bouton ci-dessous.',
      ],
    },
    range_refused: {
      title: 'Ce téléchargement se fait en entier ou pas du tout',
      paragraphs: [
        'Votre programme a demandé une partie du fichier. Le lien n’a pas été utilisé.',
        'Téléchargez-le depuis le début, sans reprise.',
      ],
    },
    internal_error: {
      title: 'Un incident s’est produit de notre côté',
      paragraphs: [
        'Vous n’y êtes pour rien, et l’incident est enregistré afin d’être corrigé.',
        'Réessayez dans quelques minutes. Si cela se reproduit, prévenez la personne qui vous a proposé le fichier.',
      ],
    },
  },
  invalidRequest: {
    email: {
      title: 'Ce n’est pas une adresse e-mail',
      paragraphs: [
        'Revenez en arrière et saisissez une seule adresse complète, par exemple nom@example.org.',
      ],
    },
    asset: {
      title: 'Ce n’est pas un nom de fichier',
      paragraphs: [
        'Revenez en arrière et saisissez le nom exactement tel qu’il vous a été communiqué, par exemple rapport.pdf.',
      ],
    },
    other: UNREADABLE,
  },
  redeemed: (when) => ({
    title: 'Ce lien a déjà été utilisé',
    paragraphs: [html`Fichier téléchargé le ${when}. Chaque lien ne fonctionne qu’une fois.`],
  }),
  revoked: (when) => ({
    title: 'Ce lien a été révoqué',
    paragraphs: [
      html`Il a été révoqué le ${when} et n’ouvre plus le fichier.`,
      'Si vous avez encore besoin du fichier, adressez-vous à la personne qui vous l’a proposé, ou demandez un nouveau lien.',
    ],
  }),
  wrongCodes: (when) => ({
    title: 'Ce lien a pris fin',
    paragraphs: [
      html`Un code erroné a été saisi cinq fois, la dernière fois le ${when}. Par sécurité, le lien n’ouvre plus le fichier.`,
      'Si vous avez encore besoin du fichier, demandez un nouveau lien.',
    ],
  }),
  expired: (when) => ({
    title: 'Ce lien a expiré',
    paragraphs: [html`Il était valable jusqu’au ${when}.`],
  }),
  quotaExceeded: (wait) => ({
    title: 'Trop de demandes',
    paragraphs: [
      'Votre réseau a envoyé plus de demandes que nous n’en acceptons en une heure. Celles des autres personnes du même réseau comptent aussi.',
      html`Réessayez dans <strong>${wait}</strong>.`,
    ],
  }),
  unavailable: (wait) => ({
    title: 'Indisponible pour le moment',
    paragraphs: ['Le problème vient de chez nous.', html`Réessayez dans <strong>${wait}</strong>.`],
  }),
  proofRequired: (wait) => ({
    title: 'JavaScript est nécessaire pour le moment',
    paragraphs: [
      'De nombreuses demandes sont venues de votre réseau. Pour l’instant, votre navigateur doit d’abord résoudre un petit calcul, pour lequel il a besoin de JavaScript. Aucun e-mail n’a été envoyé.',
      html`Merci d’activer JavaScript et d’envoyer de nouveau le formulaire, ou d’attendre <strong>${wait}</strong>.`,
    ],
  }),
  renew: {
    lead: 'Nous pouvons envoyer un nouveau lien à l’adresse qui avait reçu celui-ci.',
    submit: 'M’envoyer un nouveau lien',
  },
  askSender:
    'Si vous avez encore besoin du fichier, demandez un nouveau lien à la personne qui vous a donné celui-ci.',
  again: {
    question: 'Le téléchargement s’est interrompu\u202f?',
    lead: (until) =>
      html`Si c’est vous qui avez téléchargé le fichier, dans ce navigateur, vous pouvez le récupérer de nouveau jusqu’au ${until}.`,
    resumes: 'D’ici là, vous pouvez aussi reprendre le nouveau téléchargement s’il s’interrompt à son tour.',
    submit: 'Récupérer le fichier',
  },
  report: {
    question: 'Ce n’était pas vous\u202f?',
    lead: 'Si vous n’avez pas téléchargé le fichier, quelqu’un d’autre l’a fait avec votre lien. Le propriétaire du fichier devrait le savoir.',
    submit: 'Prévenir le propriétaire',
  },
  newLink: 'Demander un nouveau lien',
  toForm: 'Aller au formulaire',
  tryAgain: 'Réessayer',
};
