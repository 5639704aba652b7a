# Every refusal is a condition with the code of the problem as its class: simplr_not_found for
# not-found. The code never changes; the message is for people and says what to do.

KINDS <- c(
  "401" = "not_signed_in", "403" = "refused", "404" = "not_found", "409" = "conflict",
  "422" = "invalid", "423" = "unavailable", "429" = "unavailable", "502" = "unavailable",
  "503" = "unavailable", "504" = "unavailable"
)

class_of <- function(code) paste0("simplr_", gsub("[^a-z0-9]+", "_", tolower(code)))

fail <- function(code, detail, status = NA_integer_, problem = list(), kind = NULL) {
  classes <- unique(c(class_of(code), if (!is.null(kind)) class_of(kind), "simplr_error"))
  stop(structure(
    class = c(classes, "error", "condition"),
    list(message = detail, call = NULL, code = code, status = status, problem = problem)
  ))
}

warn <- function(code, detail) {
  warning(structure(
    class = c(class_of(code), "simplr_warning", "warning", "condition"),
    list(message = detail, call = NULL, code = code)
  ))
}

fail_with_problem <- function(status, type, body) {
  problem <- if (grepl("json", type %||% "", fixed = TRUE)) {
    tryCatch(jsonlite::fromJSON(body, simplifyVector = FALSE), error = function(e) NULL)
  }
  if (!is.list(problem)) problem <- list()
  kind <- unname(KINDS[as.character(status)])
  if (is.na(kind)) kind <- if (status < 500) "invalid" else "fault"
  if (status >= 300 && status < 400) {
    fail("redirected", "The server sends us on to another address. Use the one that it gives.")
  }
  fail(
    code = problem$code %||% gsub("_", "-", kind, fixed = TRUE),
    detail = problem$detail %||% problem$title %||% paste0("The server answered ", status, "."),
    status = status, problem = problem, kind = kind
  )
}

fail_to_connect <- function(url, cause) {
  reason <- conditionMessage(cause)
  if (grepl("certificate|SSL", reason)) {
    fail("unknown-certificate", paste0(
      url, " shows a certificate that this machine does not know. Give its file as `ca_file` ",
      "or SIMPLR_CA_FILE. (", reason, ")"
    ), kind = "unavailable")
  }
  fail("no-server", paste0(
    "Nothing answers at ", url, ". Start it there with `simplr up`, or give the right address. (",
    reason, ")"
  ), kind = "unavailable")
}

`%||%` <- function(a, b) if (is.null(a) || length(a) == 0) b else a
