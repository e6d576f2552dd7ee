/** Font files for watermarks, in the order in which they are tried. They are deployed next to the bundle. */
export const FONTS = ['latin-greek-cyrillic.ttf', 'chinese-japanese.ttf', 'korean.ttf'] as const;
