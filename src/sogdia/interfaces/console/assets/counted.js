/**
 * A sentence with its fields filled in. `{n#order|orders}` is a number with the word for one or for several, as the
 * catalogue has it (`sogdia.interfaces.words`); a field that is not given stays as it is.
 *
 * @param {string} sentence @param {Record<string, unknown>} fields
 */
export function filled(sentence, fields) {
  return sentence.replace(/\{(\w+)(?:#([^|}]*)\|([^}]*))?\}/g, (whole, name, one, several) => {
    if (!(name in fields)) {
      return whole;
    }
    const told = String(fields[name]);
    const word = told === "1" ? one : several;
    return word ? `${told} ${word}` : told;
  });
}
