// How does a value stand in a CSV file that people open in a spreadsheet? Quoted, and never run as a formula.
// The characters are those of OWASP ASVS 5.0, 1.2.10; numbers are ours and stay numbers.
const RISKY = /^[=+\-@\t\r\n]/

export function cell(value) {
  if (typeof value === "number") return String(value)
  const text = String(value ?? "")
  return `"${(RISKY.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}
