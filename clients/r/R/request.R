# HTTP, once. No redirect is followed: it would carry the token elsewhere.

TRIES <- 3L
AGAIN <- c(423L, 429L, 502L, 503L, 504L)
LONGEST_WAIT <- 5

address <- function(con, path, query = list()) {
  words <- lapply(Filter(Negate(is.null), query), function(value) {
    text <- if (is.logical(value)) tolower(value) else format(value, scientific = FALSE)
    utils::URLencode(enc2utf8(text), reserved = TRUE)
  })
  pairs <- paste(names(words), unlist(words), sep = "=", collapse = "&")
  paste0(con$url, "/api/v1", path, if (nzchar(pairs)) paste0("?", pairs))
}

segment <- function(text) {
  if (!is.character(text) || length(text) != 1 || is.na(text) || text %in% c("", ".", "..")) {
    fail("not-an-id", "Give one id or title, as a text.", kind = "invalid")
  }
  utils::URLencode(enc2utf8(text), reserved = TRUE)
}

options_of <- function(con) {
  c(
    list(followlocation = 0L, connecttimeout = 10L, low_speed_limit = 1L, low_speed_time = 300L),
    if (nzchar(con$ca_file)) list(cainfo = con$ca_file),
    if (host_of(con$url) %in% LOOPBACK) list(noproxy = "*")
  )
}

# The JSON at a path of the API, as lists. A GET is tried again when nothing answers or the server
# says so; what changes something is sent once.
ask <- function(con, method, path, query = list(), body = NULL, headers = list(), bytes = NULL) {
  answer <- send(con, method, path, query, body, headers, bytes)
  if (length(answer$body) == 0) return(NULL)
  tryCatch(
    jsonlite::fromJSON(rawToChar(answer$body), simplifyVector = FALSE),
    error = function(e) {
      fail("not-simplr", paste0(con$url, " did not answer as Simplr does. Is the address right?"))
    }
  )
}

send <- function(con, method, path, query = list(), body = NULL, headers = list(), bytes = NULL) {
  request <- httr2::request(address(con, path, query))
  request <- httr2::req_method(request, method)
  request <- httr2::req_headers(request, Accept = "application/json", !!!con$credential(), !!!headers)
  request <- httr2::req_user_agent(request, "simplr-r/1")
  request <- httr2::req_options(request, !!!options_of(con))
  request <- httr2::req_error(request, is_error = function(response) FALSE)
  if (!is.null(body)) request <- httr2::req_body_json(request, body)
  if (!is.null(bytes)) request <- bytes(request)
  tries <- if (method %in% c("GET", "HEAD")) TRIES else 1L
  for (attempt in seq_len(tries)) {
    response <- tryCatch(httr2::req_perform(request), error = identity)
    if (inherits(response, "error")) {
      if (attempt == tries) fail_to_connect(con$url, response)
      Sys.sleep(0.2 * attempt)
      next
    }
    status <- httr2::resp_status(response)
    content <- if (is.raw(response$body)) response$body else raw()
    if (status < 300) return(list(headers = httr2::resp_headers(response), body = content))
    wait <- waiting(status, httr2::resp_header(response, "retry-after"), attempt)
    if (attempt == tries || is.null(wait)) {
      fail_with_problem(status, httr2::resp_header(response, "content-type"), text_of(content))
    }
    Sys.sleep(wait)
  }
}

waiting <- function(status, said, attempt) {
  if (!status %in% AGAIN) return(NULL)
  seconds <- if (grepl("^[0-9]+$", said %||% "")) as.numeric(said) else 0.3 * attempt
  if (seconds <= LONGEST_WAIT) seconds
}

text_of <- function(bytes) {
  text <- rawToChar(bytes[bytes != as.raw(0)])
  Encoding(text) <- "UTF-8"
  text
}

# Every item of a list of the API, page after page.
items <- function(con, path, query = list()) {
  found <- list()
  repeat {
    page <- ask(con, "GET", path, query)
    found <- c(found, page$items)
    if (is.null(page$`next`)) return(found)
    query$cursor <- page$`next`
  }
}
