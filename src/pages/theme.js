// Light or dark, as was chosen in the web app; before anything is shown.
const chosen = /(?:^|;\s*)hamlet-theme=(light|dark)(?:;|$)/.exec(document.cookie)?.[1];
if (chosen !== undefined) document.documentElement.dataset.theme = chosen;
