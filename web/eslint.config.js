import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// Text of vendors and users becomes text nodes only (decision 0047).
const noMarkup = [
  { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Untrusted text is rendered as text." },
  { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML)$/]", message: "Untrusted text is rendered as text." },
  { selector: "CallExpression[callee.property.name='insertAdjacentHTML']", message: "Untrusted text is rendered as text." },
];
// Pages stand beside each other.
const noSiblings = { patterns: [{ regex: "^\\.\\./[A-Z]", message: "A page does not import another page." }] };

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js", "tools/*.mjs"] } } },
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "no-restricted-syntax": ["error", ...noMarkup],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "max-lines": ["error", 350],
    },
  },
  { files: ["src/pages/**"], rules: { "no-restricted-imports": ["error", noSiblings] } },
  { files: ["**/*.{js,mjs}"], ...tseslint.configs.disableTypeChecked },
  { files: ["tools/*.mjs", "eslint.config.js"], languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly", fetch: "readonly" } } },
  { files: ["public/*.js"], languageOptions: { globals: { document: "readonly", localStorage: "readonly" } } },
);
