/** What TypeScript in the browser gets wrong, because it has neither the packages nor the addresses that a val imports. */

/** About modules, and about what would come from them. */
const CODES: ReadonlySet<number> = new Set([
  2307, // Cannot find module
  2792, // Cannot find module, did you mean to set moduleResolution
  7016, // Could not find a declaration file for module
  2732, // Cannot find module …json
  2875, // This JSX tag requires the module path to exist
  7026, // JSX element implicitly has type any
  2834, // Relative import paths need explicit file extensions
  2584, // Cannot find name 'document': that is code for a browser
  2812, // Property does not exist on this type; include dom
  2580, // Cannot find name 'process', 'Buffer': Deno has them
  2591, // The same, with another hint
  1323, // Dynamic imports
  2823, // Import attributes
  1343, // import.meta
]);
/** Names that code for a browser uses, which is in vals as well. */
const OF_BROWSERS =
  /^Cannot find name(?:space)? '(?:JSX|React|window|document|history|HTML\w*|SVG\w*|\w*Event|Element|Node|NodeList|DOM\w+|MediaStream\w*|Audio\w*|RTC\w+)'/;

/** Whether a diagnostic is not worth to be shown. */
export function isNoise(code: number, message: string): boolean {
  return CODES.has(code) || ((code === 2304 || code === 2503 || code === 2552) && OF_BROWSERS.test(message));
}
