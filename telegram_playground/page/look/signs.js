// What a sign is called, for those who cannot see it, or have no font for it.

import { t } from "../words.js";

const NAMES = {
  "🔄": "sign_again", "⏹": "sign_stop",
  "◀": "sign_back", "‹": "sign_back", "«": "sign_back", "▶": "sign_on", "›": "sign_on", "»": "sign_on",
  "👍": "sign_like", "❤": "sign_heart", "🔥": "sign_fire", "😁": "sign_laughter", "🤔": "sign_doubt", "👎": "sign_dislike",
};

/** The name of a text that is nothing but a sign, empty where it is more or unknown. */
export function signName(text) {
  const name = NAMES[(text ?? "").replace(/\uFE0F/g, "").trim()];
  return name ? t(name) : "";
}
