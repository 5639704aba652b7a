# What needs no installation: parsing, addresses, and that no print shows a token.
library(simplr)
inner <- function(name) get(name, envir = asNamespace("simplr"))
refused <- function(class, code) {
  found <- tryCatch({ code; NULL }, error = identity)
  stopifnot(inherits(found, class), inherits(found, "simplr_error"), nzchar(conditionMessage(found)))
}

# Tokens.
con <- simplr_connect("https://data.example.org/", "sesame")
shown <- c(capture.output(print(con), str(con), str(list(con)), con, dput(format(con))), format(con))
stopifnot(!any(grepl("sesame", shown)), con$url == "https://data.example.org")
stopifnot(!any(grepl("sesame", unlist(lapply(options(), format)))))
refused("simplr_plain_http", simplr_connect("http://data.example.org", "sesame"))
refused("simplr_not_an_address", simplr_connect("https://me:word@data.example.org", "sesame"))
refused("simplr_not_an_address", simplr_connect("ftp://data.example.org", "sesame"))
refused("simplr_not_signed_in", simplr_connect("https://data.example.org", ""))
refused("simplr_not_a_token", simplr_connect("https://data.example.org", "a\nHost: b"))
stopifnot(simplr_connect("localhost:8000", "s")$url == "http://localhost:8000")
stopifnot(simplr_connect("http://[::1]:8000", "s")$url == "http://[::1]:8000")
refused("simplr_not_an_id", inner("segment")(".."))
refused("simplr_no_server", simplr_list(simplr_connect("http://127.0.0.1:9", "s")))

# Texts: what the rules of linear TSV mean, whatever stands beside what.
kept <- c("a\tb", "\\t", "\\\t", "\\\\t\n\r\\", "\\N", "", NA, "\u00dc\t\u65e5", "\"", "NA", " x ")
written <- gsub("\r", "\\r", fixed = TRUE, gsub("\n", "\\n", fixed = TRUE,
  gsub("\t", "\\t", fixed = TRUE, gsub("\\", "\\\\", kept, fixed = TRUE))))
written[is.na(kept)] <- "\\N"
unescaped <- inner("unescaped")
back <- unescaped(ifelse(is.na(kept), NA, written))
stopifnot(identical(back, kept), Encoding(back[8]) == "UTF-8")
nul <- tryCatch(unescaped("a\\0b"), simplr_nul_replaced = identity)
stopifnot(inherits(nul, "simplr_warning"), suppressWarnings(unescaped("a\\0b")) == "a\u2400b")

# The same from memory and through a folder in memory, in pieces.
parse <- function(lines, types, text) {
  inner("parse_rows")(lapply(lines, charToRaw), text, types)
}
text <- tempfile()
lines <- c("t\tx\n", paste0(written, "\t+0x1.999999999999ap-0004\n"))
for (place in list(NULL, text)) {
  rows <- parse(lines, c("text", "decimal"), place)
  stopifnot(identical(rows[[1]], kept), all(rows[[2]] == 0.1))
}
stopifnot(file.size(text) == 0)
for (type in names(inner("FREAD_CLASS"))) {
  rows <- parse(c("t\n", "\\N\n", "\\N\n"), type, NULL)
  stopifnot(is.na(rows[[1]]), identical(class(rows[[1]]), class(inner("no_rows")(type)[[1]])))
}
refused("simplr_transfer_broken", parse(c("a\tb\n", "1\n"), c("text", "text"), NULL))
refused("simplr_transfer_broken", parse(c("a\n", "no day\n"), "date", NULL))
refused("simplr_transfer_broken", parse(c("a\n", "1.5\n"), "integer", NULL))

# Whole numbers.
whole <- inner("whole_numbers")
stopifnot(identical(whole(list(1:2, NA_integer_), "auto", "n"), c(1:2, NA)))
stopifnot(identical(whole(list(1L, "9007199254740991"), "auto", "n"), c(1, 2^53 - 1)))
kept_as_text <- tryCatch(whole(list("9007199254740993"), "auto", "n"), warning = identity)
stopifnot(inherits(kept_as_text, "simplr_integers_as_text"))
refused("simplr_not_representable", whole(list("9007199254740993"), "numeric", "n"))
if (requireNamespace("bit64", quietly = TRUE)) {
  large <- bit64::as.integer64("123456789012345678")
  stopifnot(identical(as.character(whole(list(7L, large), "auto", "n")), c("7", "123456789012345678")))
  refused("simplr_not_representable", whole(list(large), "numeric", "n"))
}

# Problems become conditions.
problem <- '{"code":"release-needed","detail":"Name the one that you want.","status":422}'
refused("simplr_release_needed", inner("fail_with_problem")(422L, "application/problem+json", problem))
refused("simplr_invalid", inner("fail_with_problem")(422L, "application/problem+json", problem))
refused("simplr_unavailable", inner("fail_with_problem")(502L, "text/html", "<html>"))
