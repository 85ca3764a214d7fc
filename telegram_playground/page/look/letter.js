// The letter of a key, for shortcuts.

/** The Latin letter of a pressed key; with another script on the keyboard the one at its place. */
export const letterOf = (event) => (/^[a-z]$/i.test(event.key) ? event.key : event.code.replace(/^Key/, "")).toLowerCase();
