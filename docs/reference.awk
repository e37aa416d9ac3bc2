# Shows Doxygen the headers' own comments. A comment above a declaration, or behind it, documents it;
# one above several declarations speaks for all of them up to an empty line, and that of a struct for
# the fields that it begins with.

function trimmed(text) { sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text); return text }
function document(text) { gsub(/</, "\\<", text); gsub(/>/, "\\>", text); return "/// " text }

/^[ \t]*$/ { spoken = ""; of_struct = fresh = 0; ended = 1; print; next }

/^[ \t]*\/\// {
  line = trimmed($0)
  sub(/^\/\/ ?/, "", line)
  if (!fresh) spoken = ""
  fresh = 1
  spoken = spoken (spoken == "" ? "" : "\n") document(line)
  print document(line)
  next
}

{
  code = $0; behind = ""
  if (match(code, /[^:"]\/\/ /)) {
    behind = document(trimmed(substr(code, RSTART + 4)))
    code = substr(code, 1, RSTART)
  }
  opens = gsub(/[{(]/, "&", code); closes = gsub(/[})]/, "&", code)
  declares = ended && code !~ /^[ \t]*(}|#|namespace|public:|private:|template <)/
  if (code ~ /\(/ && of_struct) spoken = ""
  if (behind != "") print behind
  else if (declares && !fresh && spoken != "") print spoken
  print code
  fresh = fresh && code ~ /^[ \t]*template </
  if (opens > closes) of_struct = code ~ /^[ \t]*struct .*{[ \t]*$/
  if (opens > closes && !of_struct) spoken = ""
  ended = code ~ /[;{}:][ \t]*$/
}
