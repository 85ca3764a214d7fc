// What eslint reads the page with: names that do not exist, names that nobody uses, and mistakes that run.
import js from "@eslint/js";

const browser = [
  "Blob", "clearInterval", "clearTimeout", "CSS", "document", "Event", "fetch", "File", "FormData", "getSelection", "Highlight", "innerHeight",
  "innerWidth", "Intl", "localStorage", "location", "matchMedia", "MediaRecorder", "MutationObserver", "navigator", "Node", "NodeFilter", "performance",
  "requestAnimationFrame", "ResizeObserver", "sessionStorage", "setInterval", "setTimeout", "StaticRange", "URL", "WebSocket", "window",
];

export default [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: Object.fromEntries(browser.map((name) => [name, "readonly"])),
    },
    rules: {
      "eqeqeq": "error",
      "no-shadow": ["error", { builtinGlobals: false }],
      "no-implied-eval": "error",
      "no-eval": "error",
      "no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }],
      "no-unused-vars": ["error", { args: "after-used", ignoreRestSiblings: true }],
      "no-use-before-define": "off",
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
    },
  },
];
