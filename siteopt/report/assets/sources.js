// @ts-check
"use strict";
// The data of the run: title, publisher, licence, vintage and confidence; the citation as it was given.
(() => {
  // Grade of a confidence, by how it begins; the words beside it say where it comes from.
  const GRADES = [["published", "high"], ["compiled-high", "high"], ["compiled-medium", "medium"], ["derived", "medium"],
    ["compiled-low", "low"], ["model", "low"], ["assumption", "low"], ["lower-bound", "low"], ["upper-bound", "low"]];
  const { node, text } = siteopt;

  siteopt.gradeText = (confidence) => {
    const found = GRADES.find(([head]) => String(confidence).startsWith(head));
    return text(`grade.${found ? found[1] : "mixed"}`);
  };
  const isFigures = (vintage) => /^[\d~ .-]+$/.test(vintage);
  // Source, licence and notice as they were given, which is in English: a citation is no text of ours.
  const ownWords = (source, rest) => node("details", { class: "own-words", open: siteopt.language === "en" },
    node("summary", {}, text("source.own_words")), node("div", { lang: "en" }, source,
      rest.filter(([, value]) => value).map(([key, value]) => node("small", {}, key ? `${siteopt.data.texts[key][1]}: ${value}` : value))));
  // What is known of a layer that was fetched for this run.
  const fetched = ([termsKo, termsEn, address, moment, size, hash]) => [
    [text("source.terms"), siteopt.one([termsKo, termsEn])], [text("source.address"), address],
    [text("source.fetched"), moment], [text("source.size"), size], ["SHA-256", hash]];
  const restricted = () => siteopt.data.restrictions[siteopt.language === "ko" ? 0 : 1].map((said) => node("p", { class: "hint" }, node("strong", {}, said)));
  const source = ([, ko, en, cited, licence, vintage, confidence, notice, replaced, publisher, licenceKo, vintageKo, received]) => {
    const korean = siteopt.language === "ko";
    const facts = [
      [text("source.publisher"), korean ? (replaced ? text("source.replaced") : publisher) : null],
      [text("source.licence"), korean ? licenceKo || (licence && text("source.see_below")) : null],
      [text("source.vintage"), isFigures(vintage) ? vintage : korean ? vintageKo : null],
      ...(received ? fetched(received) : []),
      [text("source.confidence"), confidence && `${siteopt.gradeText(confidence)} (${siteopt.word("confidence.", confidence)})`],
    ];
    return [node("dt", {}, siteopt.one([ko, en]), replaced ? node("em", {}, ` ${text("source.replaced")}`) : null),
      node("dd", {}, facts.filter(([, value]) => value).map(([name, value]) => node("small", {}, `${name}: ${value}`)),
        ownWords(cited, [["source.licence", licence], ["source.vintage", isFigures(vintage) ? null : vintage], [null, notice]]))];
  };

  siteopt.sourcesPage = () => node("div", {}, node("p", { class: "hint" }, text("source.intro")), node("p", { class: "hint" }, text("source.odbl")), restricted(), siteopt.confidences(), siteopt.glossary(), node("h3", {}, text("source.head")),
    node("p", { class: "hint" }, text("grade.legend")), node("dl", { class: "sources" }, siteopt.data.sources.map(source)));
})();
