export const api = async path => (await fetch(`/api${path}`)).json();

/** JSON-LD as an element; the end tag in a text of its own, for the compiler. */
export const jsonLd = data => `<script type="application/ld+json">${JSON.stringify(data)}</` + "script>";
