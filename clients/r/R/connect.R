# One installation and one credential. The credential lives in the environment of a function and
# nowhere else: no print, str or format shows it, no option holds it, no address carries it.

simplr_connect <- function(url = Sys.getenv("SIMPLR_URL"), token = Sys.getenv("SIMPLR_TOKEN"),
                           link = NULL, link_password = NULL,
                           ca_file = Sys.getenv("SIMPLR_CA_FILE")) {
  if (!is.null(link)) {
    parts <- regmatches(link, regexec("^(https?://.+)/l/([^/?#]+)/?$", link))[[1]]
    if (length(parts) == 0) fail("not-a-link", "That is not the address of a link (.../l/...).")
    url <- parts[2]
    credential <- c(Authorization = paste("Link", parts[3]), "Link-Password" = link_password)
  } else {
    if (!nzchar(url)) {
      fail("not-signed-in", "Say which installation: simplr_connect(url), or set SIMPLR_URL.")
    }
    if (!nzchar(token)) {
      fail("not-signed-in", paste0(
        "There is no token for ", url, ": make one there (Account, Access tokens) and set ",
        "SIMPLR_TOKEN."
      ))
    }
    credential <- c(Authorization = paste("Bearer", token))
  }
  if (any(grepl("[^ -~]", credential))) {
    fail("not-a-token", "The token holds characters that no token has. Copy it once more.")
  }
  structure(
    list(url = normal_url(url), ca_file = ca_file, credential = function() credential),
    class = "simplr_connection"
  )
}

LOOPBACK <- c("localhost", "127.0.0.1", "[::1]", "::1")

host_of <- function(url) {
  # An address of IPv6 stands in brackets; a port follows the last colon.
  authority <- sub("^https?://([^/]*).*$", "\\1", url)
  sub(":[0-9]+$", "", authority)
}

normal_url <- function(url) {
  if (!grepl("//", url, fixed = TRUE)) {
    here <- sub(":.*$", "", url) %in% LOOPBACK
    url <- paste0(if (here) "http://" else "https://", url)
  }
  if (!grepl("^https?://[^/?#]+", url)) {
    fail("not-an-address", paste0(url, " is not the address of an installation."))
  }
  if (grepl("@", sub("^https?://([^/]*).*$", "\\1", url), fixed = TRUE)) {
    fail("not-an-address", "Leave name and password out of the address.")
  }
  host <- host_of(url)
  here <- host %in% LOOPBACK || endsWith(host, ".localhost")
  if (startsWith(url, "http:") && !here && Sys.getenv("SIMPLR_PLAIN_HTTP") != "1") {
    fail("plain-http", paste0(
      "http:// would send your token to ", host, " in clear. Use https://, or set ",
      "SIMPLR_PLAIN_HTTP=1 where the network between is your own."
    ))
  }
  sub("/+$", "", url)
}

format.simplr_connection <- function(x, ...) paste0("<Simplr installation at ", x$url, ">")

print.simplr_connection <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

str.simplr_connection <- function(object, ...) cat(" ", format(object), "\n", sep = "")
