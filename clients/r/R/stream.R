# One answer that is read as it arrives. Its end is proven by HTTP's framing; an answer without
# any is refused, since a cut would pass for its end.

PIECE <- 1024L * 1024L

# Calls `take(bytes)` for each piece. A transfer that breaks is a condition simplr_transfer_broken.
stream <- function(con, path, query = list(), headers = list(), take, begun = function(answer) NULL) {
  handle <- curl::new_handle()
  curl::handle_setopt(handle, .list = options_of(con))
  curl::handle_setheaders(handle, .list = c(
    list(Accept = "*/*", "User-Agent" = "simplr-r/1"), as.list(con$credential()), headers
  ))
  connection <- curl::curl(address(con, path, query), handle = handle)
  on.exit(close(connection))
  tryCatch(open(connection, "rbf"), error = function(e) {
    # An answer that is cut at its beginning breaks here already.
    if (curl::handle_data(handle)$status_code > 0) fail_broken(e)
    fail_to_connect(con$url, e)
  })
  answer <- answer_of(handle)
  if (answer$status >= 300) {
    body <- tryCatch(readBin(connection, raw(), PIECE), error = function(e) raw())
    fail_with_problem(answer$status, answer$headers[["content-type"]], text_of(body))
  }
  check_framed(answer)
  begun(answer)
  done <- 0
  repeat {
    bytes <- tryCatch(readBin(connection, raw(), PIECE), error = fail_broken)
    if (length(bytes) == 0) return(invisible(done))
    done <- done + length(bytes)
    take(bytes)
  }
}

fail_broken <- function(cause) {
  fail("transfer-broken", paste0(
    "The answer ended before it was complete. The server stopped it, your access ended, or the ",
    "connection broke. Ask again. (", conditionMessage(cause), ")"
  ), kind = "corrupt")
}

answer_of <- function(handle) {
  facts <- curl::handle_data(handle)
  lines <- curl::parse_headers(facts$headers)
  pairs <- regmatches(lines, regexec("^([^:]+):\\s*(.*)$", lines))
  pairs <- Filter(function(pair) length(pair) == 3, pairs)
  headers <- lapply(pairs, `[`, 3)
  names(headers) <- tolower(vapply(pairs, `[`, "", 2))
  list(status = facts$status_code, headers = headers, first = lines[1])
}

check_framed <- function(answer) {
  chunked <- grepl("chunked", answer$headers[["transfer-encoding"]] %||% "", ignore.case = TRUE)
  marked <- chunked || !is.null(answer$headers[["content-length"]])
  if (!marked && grepl("^HTTP/1", answer$first)) {
    fail("transfer-unframed", paste(
      "Something between you and the installation removed the length of the answer, so a cut",
      "would go unnoticed. Nothing was read."
    ), kind = "corrupt")
  }
}

# What a person at a terminal sees while bytes arrive; nothing anywhere else.
teller <- function(progress, name) {
  if (is.function(progress)) return(progress)
  if (!isTRUE(progress)) return(function(done, total) NULL)
  function(done, total) {
    ended <- isTRUE(done == total)
    of <- if (is.null(total) || is.na(total)) "" else paste0(" of ", megabytes(total))
    cat("\r", name, ": ", megabytes(done), of, if (ended) "\n", sep = "", file = stderr())
  }
}

megabytes <- function(bytes) sprintf("%.1f MB", bytes / 1e6)
