/** Font files of watermarks, next to the bundle, in the order in which they are tried. */
export const FONTS = ['latin-greek-cyrillic.ttf', 'chinese-japanese.ttf', 'korean.ttf'] as const;
