# Shows Doxygen the headers' own comments. A comment above a declaration, or behind it, documents
# it; one above several declarations speaks for all of them up to an empty line. That of a struct,
# class or enumeration covers the members that it begins with, and what follows it directly. One
# with an empty line or a namespace below it is the file's, and that of hourglass.hpp the first page.
# What is defaulted or deleted without a word is left out.

# The code with the inside of its strings crossed out, of the same length.
function masked(code,   inside) {
  while (match(code, /"([^"\\]|\\.)*"|'([^'\\]|\\.)'/)) {
    inside = substr(code, RSTART, RLENGTH)
    gsub(/./, "x", inside)
    code = substr(code, 1, RSTART - 1) inside substr(code, RSTART + RLENGTH)
  }
  return code
}

function first_word(code) {
  code = masked(code)
  gsub(/\n/, " ", code)
  while (gsub(/<[^<>]*>/, "", code)) {}
  sub(/^ *(template *)?(inline )?/, "", code)
  sub(/ .*/, "", code)
  return code
}

# Shown as it is written: nothing of it is a command or markup, but for `code`.
function escaped(text,   part, count, k, result) {
  gsub(/[\\@<>&#%]/, "\\\\&", text)
  gsub(/e\.g\. /, "e.g.\\ ", text)  # no sentence ends there
  gsub(/ al\. /, " al.\\ ", text)
  count = split(text, part, "`")
  for (k = 1; k <= count; ++k)
    result = result part[k] (k == count ? "" : k % 2 ? "<code>" : "</code>")
  return result
}

# As Doxygen's comment; lines that are indented stay as they are.
function documentation(text,   line, count, k, indented, result) {
  if (text == "") return "/// &zwj;"
  count = split(text, line, "\n")
  for (k = 1; k <= count; ++k) {
    if ((line[k] ~ /^   /) != indented) {
      indented = !indented
      result = result "/// <" (indented ? "" : "/") "pre>\n"
    }
    result = result "/// " escaped(line[k]) "\n"
  }
  return result (indented ? "/// </pre>" : "///")
}

# "double a, b;": every name of a list gets the comment.
function spread(code, comment, level,   bare, c, k, depth, result) {
  bare = masked(code)
  for (k = 1; k <= length(code); ++k) {
    c = substr(bare, k, 1)
    if (c ~ /[(<{[]/) ++depth
    if (c ~ /[])>}]/) --depth
    if (depth == 0 && substr(bare, k, 3) ~ /^[^:]:[^:]/) return result substr(code, k)
    result = result substr(code, k, 1)
    if (depth == level && (c == "," || (c == "{" && level)) && k < length(code))
      result = result "\n" comment "\n"
  }
  return result
}

function forget() { spoken = ""; fresh = covered = together = 0 }

function show_for_file() {
  print "\n/// @" (FILENAME ~ /\/hourglass\.hpp$/ ? "mainpage" : "file")
  print documentation(spoken) "\n"
  forget()
}

# Reads a declaration, from lines[i] to its end or, of a struct or namespace, to its brace: its
# code, what is said behind it, its first word and whether it opens a scope.
function read_declaration(   line, bare, at, braces, parens, ended) {
  code = behind = ""
  for (; ; ++i) {
    line = lines[i]
    at = index(masked(line), "//")
    if (at && braces == 0) behind = behind (behind == "" ? "" : "\n") substr(line, at + 2)
    if (at) line = substr(line, 1, at - 1)
    sub(/[ \t]+$/, "", line)
    code = code (code == "" ? "" : "\n") line
    bare = masked(line)
    braces += gsub(/{/, "&", bare) - gsub(/}/, "&", bare)
    parens += gsub(/\(/, "&", bare) - gsub(/\)/, "&", bare)
    kind = first_word(code)
    opens = braces == 1 && parens == 0 && kind ~ /^(namespace|struct|class|enum)$/
    ended = bare ~ /[;}]$/ || (scope[depth] == "enum" && (bare ~ /,$/ || lines[i + 1] ~ /^ *}/))
    if (opens || (ended && braces == 0 && parens == 0) || i == NR) break
  }
  while (at && lines[i + 1] ~ /^ *\/\// && index(lines[i + 1], "//") == at)
    behind = behind "\n" substr(lines[++i], at + 2)
}

function declare() {
  read_declaration()
  if (opens) scope[++depth] = kind
  if (kind == "namespace") {
    if (fresh && depth == 1) show_for_file()
    said[depth] = spoken
    fresh = 0
    print code
    return
  }
  if (code ~ /= (default|delete);$/ && !fresh && behind == "") return
  if (fresh) together = behind != ""
  else if (behind != "" && !together) spoken = ""
  if (spoken != "") behind = behind (behind == "" ? "" : "\n\n") spoken
  if (behind != "" || (covered && code !~ /\(/)) {
    print documentation(behind)
    if (kind == "enum" && !opens) code = spread(code, documentation(""), 1)
    else if (code ~ /[;,]$/) code = spread(code, documentation(behind), 0)
  }
  print code
  fresh = 0
  if (opens) { said[depth] = spoken; covered = behind != "" || covered; spoken = "" }
}

{ lines[NR] = $0 }

END {
  print "/// @file"
  for (i = 1; i <= NR; ++i) {
    if (lines[i] ~ /^[ \t]*$/) {
      if (fresh && scope[depth] ~ /^(namespace)?$/) show_for_file()
      forget()
      print ""
    } else if (lines[i] ~ /^[ \t]*\/\//) {
      if (!fresh) forget()
      spoken = spoken (fresh ? "\n" : "") substr(lines[i], index(lines[i], "//") + 2)
      fresh = 1
    } else if (lines[i] ~ /^(#| *(public|private):)/) {
      if (lines[i] ~ /^#include/) forget()
      print lines[i]
    } else if (lines[i] ~ /^ *}/) {
      forget()
      spoken = said[depth--]
      print lines[i]
    } else declare()
  }
}
