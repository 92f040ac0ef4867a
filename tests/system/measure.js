// Measures every mail on the page, each in a frame of its own, and writes what it finds into the document as JSON.

function channels(color) {
  const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
  return { red, green, blue, alpha };
}

// Relative luminance and contrast ratio as WCAG 2.2 defines them.
function luminance({ red, green, blue }) {
  const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function background(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = channels(getComputedStyle(at).backgroundColor);
    if (color.alpha > 0) return color;
  }
  return { red: 255, green: 255, blue: 255 };
}

function texts(page) {
  const own = (element) => [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("");
  return [...page.body.querySelectorAll("*")].filter((element) => own(element).trim() && element.checkVisibility());
}

function measured(frame) {
  const page = frame.contentDocument;
  const unreadable = texts(page)
    .map((element) => ({ text: element.textContent.trim(), contrast: contrast(channels(getComputedStyle(element).color), background(element)) }))
    .filter((found) => found.contrast < 4.5);
  return { mail: frame.title, overflow: page.documentElement.scrollWidth - frame.clientWidth, texts: texts(page).length, unreadable };
}

addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(measured);
  document.body.replaceChildren(Object.assign(document.createElement("pre"), { textContent: JSON.stringify(found) }));
});
