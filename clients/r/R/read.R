# Rows of a data set, by the types that it has.

PARSED_AT_ONCE <- 6L * 1024L * 1024L

simplr_read <- function(con, dataset, release = NULL, version = NULL, fields = NULL, where = NULL,
                        limit = NULL, format = c("tsv", "parquet"),
                        integers = c("auto", "integer64", "numeric", "character"),
                        factors = FALSE, progress = interactive()) {
  format <- match.arg(format)
  integers <- match.arg(integers)
  if (integers == "integer64" && !has_bit64()) {
    fail("missing-package", "This needs bit64: install.packages(\"bit64\").")
  }
  seen <- described(con, dataset, release, version)
  known <- vapply(seen$fields, `[[`, "", "type")
  names(known) <- vapply(seen$fields, `[[`, "", "name")
  asked <- fields %||% names(known)
  if (!all(asked %in% names(known))) {
    fail("not-found", paste0(
      "There is no field \u201c", setdiff(asked, names(known))[1], "\u201d that you may see. There are: ",
      paste(names(known), collapse = ", "), "."
    ), status = 404L)
  }
  wish <- list(
    path = paste0("/datasets/", seen$id, "/rows"), types = unname(known[asked]), names = asked,
    query = list(
      # The version is named, so that what is read after a break is of the same one.
      release = seen$release, version = seen$version, where = where, limit = limit,
      fields = if (!is.null(fields)) paste(asked, collapse = ",")
    )
  )
  tell <- teller(progress, seen$title)
  data <- if (format == "parquet") {
    read_parquet(con, wish, integers, factors, tell)
  } else {
    bound(read_lines(con, wish, tell), asked, wish$types, integers, factors)
  }
  whole <- is.null(where) && is.null(limit) && !is.null(seen$row_count)
  if (whole && nrow(data) != seen$row_count) {
    not_as_said(paste(nrow(data), "rows of", seen$row_count))
  }
  data.table::setattr(data, "simplr", list(
    url = con$url, dataset = seen$id, version = seen$version, release = seen$release
  ))
  data[]
}

# Parts of the table, each parsed while the next one arrives. Rows that arrived whole stay: after
# a break the rest is asked for, from the row that follows them.
read_lines <- function(con, wish, tell) {
  read <- new.env(parent = emptyenv())
  read$parts <- list(no_rows(wish$types))
  read$rows <- 0
  failures <- 0L
  repeat {
    before <- read$rows
    broken <- tryCatch(read_on(con, wish, read, tell), simplr_transfer_broken = identity)
    if (!inherits(broken, "simplr_transfer_broken")) break
    failures <- if (read$rows > before) 1L else failures + 1L
    if (failures >= TRIES) stop(broken)
    Sys.sleep(0.5 * failures)
  }
  if (length(read$parts) > 1) read$parts[-1] else read$parts
}

read_on <- function(con, wish, read, tell) {
  query <- c(list(format = "linear-tsv", exact = TRUE, offset = read$rows), wish$query)
  if (!is.null(query$limit)) {
    query$limit <- query$limit - read$rows
    if (query$limit <= 0 && read$rows > 0) return(NULL)
  }
  first_line <- charToRaw(enc2utf8(paste0(paste(wish$names, collapse = "\t"), "\n")))
  text <- room_for_text()
  on.exit(unlink(text))
  waiting <- list(first_line)
  size <- 0
  arrived <- 0

  parse <- function() {
    rows <- parse_rows(waiting, text, wish$types)
    read$parts[[length(read$parts) + 1]] <- rows
    read$rows <- read$rows + length(rows[[1]])
  }
  take <- function(bytes) {
    arrived <<- arrived + length(bytes)
    tell(arrived, NULL)
    if (arrived == length(bytes)) bytes <- without_first_line(bytes, first_line)
    size <<- size + length(bytes)
    end <- if (size >= PARSED_AT_ONCE) last_line_end(bytes) else 0
    if (end == 0) {
      waiting[[length(waiting) + 1]] <<- bytes
      return(NULL)
    }
    waiting[[length(waiting) + 1]] <<- bytes[seq_len(end)]
    parse()
    waiting <<- list(first_line, bytes[seq_len(length(bytes) - end) + end])
    size <<- length(bytes) - end
  }
  stream(con, wish$path, query, take = take)
  if (arrived == 0) not_as_said("no line of names")
  if (size > 0) {
    last <- waiting[[length(waiting)]]
    if (last_line_end(last) != length(last)) not_as_said("half a line")
    parse()
  }
  tell(arrived, arrived)
  NULL
}

without_first_line <- function(bytes, first_line) {
  length <- length(first_line)
  if (!identical(utils::head(bytes, length), first_line)) not_as_said("other fields")
  utils::tail(bytes, -length)
}

# Where the last line end is; 0 where there is none.
last_line_end <- function(bytes) {
  reach <- 4096
  repeat {
    from <- max(1, length(bytes) - reach + 1)
    found <- which(bytes[from:length(bytes)] == as.raw(10L))
    if (length(found) > 0) return(from + found[length(found)] - 1)
    if (from == 1) return(0)
    reach <- reach * 16
  }
}
