/* The answer was given in the e-mail: sent as soon as the page is there. Whoever only looks (a scanner of links) sends nothing. */
document.querySelector("form[data-at-once]")?.requestSubmit();
