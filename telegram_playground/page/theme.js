// Before the first paint: the theme that was chosen. Not a module, so that nothing is painted before it has run.

try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch { /* private windows may refuse */ }
